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
      Transaction = <id> { Context = {C1} { AuditValue = {T1} { Audit { } } } }
      """
    Then every command is granted
    And the reply carries the id of its request
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} }
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
