@clause-H.248.1-8.2 @Iq @Ix @Mp
Feature: H.248.1 8.2 and annex D (TR): transactions

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-tr-id @req:H.248.1-8.2 @level:shall @basis:H.248.1-8.2
  Scenario Outline: A reply carries the id of its request, be it <case>
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = <id> { Context = {C1} { AuditValue = {T1} { Audit { Media } } } }
      """
    Then every command is granted
    And the reply carries the id of its request
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

    Examples:
      | case                | id          |
      | within 31 bits      | {tid}       |
      | beyond 31 bits      | {high}      |

  @id:h248-tr-repeated @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: A repeated request is answered by the same reply and changes nothing again
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG repeats its last request
    Then the same reply comes again
    And context C2 holds exactly T3

  @id:h248-tr-repeated-failure @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: A repeated request that failed is answered by the same failure, though it would succeed now
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = nosuch/termination/4000000 } }
      """
    Then command 1 is refused with error 430
    When the IMS-ALG repeats its last request
    Then the same reply comes again

  @id:h248-tr-repeated-later @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: A late repetition does not undo what came after
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then every command is granted
    When the IMS-ALG sends the message without awaiting an answer
      """
      MEGACO/2 {mgc}
      Transaction = {high} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } } } } }
      """
    And the IMS-ALG repeats its last request
    Then the same reply comes again
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } }
      """

  @id:h248-tr-same-id-other-sender @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: The same id from another mId is another transaction
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      """
    Then every command is granted
    When the IMS-ALG sends the message
      """
      MEGACO/2 another/controller
      Transaction = {last} { Context = {C1} { AuditValue = {T1} { Audit { Media } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """

  @id:h248-tr-acknowledged @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.2.2 @exclusive
  Scenario: An acknowledged request that is repeated all the same is not executed again
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG sends the message without awaiting an answer
      """
      MEGACO/2 {mgc}
      TransactionResponseAck { {last} }
      """
    And the IMS-ALG sends its last request once more without awaiting an answer
    And the IMS-ALG sends
      """
      Context = * { AuditValue = * { Audit { } } }
      """
    Then every command is granted
    And the reply has exactly 3 commands
    And context C2 holds exactly T3

  @id:h248-tr-two-in-a-message @req:H.248.1-8.2 @level:shall @basis:H.248.1-8.2
  Scenario: Two transactions of one message are answered each
    When the IMS-ALG sends the message with several transactions
      """
      MEGACO/2 {mgc}
      Transaction = {tid1} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      Transaction = {tid2} { Context = {C1} { Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      """
    Then each of the transactions is answered
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-tr-independent @req:H.248.1-8.2 @level:shall @basis:H.248.1-8.2
  Scenario: A transaction that fails does not stop another of its message
    When the IMS-ALG sends the message with several transactions
      """
      MEGACO/2 {mgc}
      Transaction = {tid1} { Context = {C1} { Modify = nosuch/termination/4000000 } }
      Transaction = {tid2} { Context = {C1} { Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      """
    Then each of the transactions is answered
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-tr-many-commands @req:H.248.1-8.2 @level:shall @basis:H.248.1-8.2
  Scenario: A transaction of a hundred commands is answered whole
    When the IMS-ALG sends 100 times in one action
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then every command is granted
    And the reply has exactly 100 commands
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-tr-ten-thousand @req:H.248.1-9 @level:shall @basis:H.248.1-9
  Scenario: A transaction of ten thousand commands is carried out or refused, and others are served
    When the IMS-ALG sends 10000 times in one action
      """
      Context = {C1} { O-Subtract = a }
      """
    Then the transaction is answered, whole or by an error
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T2} { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T2} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

  @id:h248-tr-network @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1 @exclusive
  Scenario Outline: On a network that <case> every Add is carried out once
    Given the network loses <lost>, doubles <doubled> and delays <delayed> of a thousand messages
    When the IMS-ALG sends in 20 transactions at once
      """
      Context = $ { Add = $ }
      """
    Then each of them is granted
    And the network is whole again
    When the IMS-ALG sends
      """
      Context = * { AuditValue = * { Audit { } } }
      """
    Then every command is granted
    And the reply has exactly 22 commands

    Examples:
      | case                 | lost | doubled | delayed |
      | loses messages       | 200  | 0       | 0       |
      | doubles and reorders | 0    | 300     | 200     |

  @id:h248-tr-at-once @req:H.248.1-8.2 @level:shall @basis:H.248.1-8.2
  Scenario: Many transactions under way at once are answered each
    When the IMS-ALG sends in 50 transactions at once
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then each of them is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-tr-flood @req:H.248.1-9 @level:shall @basis:H.248.1-9 @exclusive
  Scenario Outline: A flood of <case> does not stop the service to the MGC
    When a stranger floods the IMS-AGW with 2000 messages
      """
      <text>
      """
    And the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """
    And context C1 holds exactly T1 and T2

    Examples:
      | case             | text                                                    |
      | words            | nonsense nonsense nonsense nonsense                       |
      | broken requests  | MEGACO/2 [192.0.2.66] Transaction = 1 { Context = $ { Add = |

  @id:h248-tr-mgc-killed @req:H.248.1-D.1 @req:H.248.1-11.5 @level:shall @basis:H.248.1-D.1.1 @exclusive
  Scenario: An MGC that died and came back finds its contexts, and its last reply
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ }
      """
    Then every command is granted
    When the MGC is killed
    And a new MGC takes the place of the old one
    And the IMS-ALG repeats its last request
    Then the same reply comes again
    And context C1 holds exactly T1, T2 and T3
