@clause-H.248.1-8.1 @Iq @Ix @Mp
Feature: H.248.1 8.1 to 8.3 (AM): actions, contexts and messages

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-am-two-actions @req:H.248.1-8.1 @level:shall @basis:H.248.1-8.1
  Scenario: Each action of a transaction works on its own context and has its own reply
    When the IMS-ALG sends
      """
      Context = $ { Add = $ },
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And the reply shows
      """
      Context = {C2} { Add = {T3} }, Context = {C1} { Modify = {T1} }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-am-order @req:H.248.1-8.1 @level:shall @basis:H.248.1-8.1
  Scenario: Commands are carried out in the order they are written in
    When the IMS-ALG sends
      """
      Context = {C1} {
        Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } },
        Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } }
      """

  @id:h248-am-stops @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: The first command that fails stops the transaction, and no later one is answered
    When the IMS-ALG sends
      """
      Context = {C1} {
        Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } },
        Modify = nosuch/termination/4000000,
        Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then command 1 is granted
    And command 2 is refused with error 430
    And the reply has exactly 2 commands
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-am-stops-actions @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: After a command that fails no further action is begun
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = nosuch/termination/4000000 },
      Context = {C1} { Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then command 1 is refused with error 430
    And the reply has exactly 1 command
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-am-unknown-context-stops @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: An action for a context that does not exist fails, and stops the transaction
    When the IMS-ALG sends
      """
      Context = 16702650 { Modify = {T1} },
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then the action is refused with error 411
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-am-optional @req:H.248.1-8.2.2-optional @level:shall @basis:H.248.1-8.2.2
  Scenario: A command marked O- may fail and the rest is carried out
    When the IMS-ALG sends
      """
      Context = {C1} {
        O-Modify = nosuch/termination/4000000,
        Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then command 1 is refused with error 430
    And command 2 is granted
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-am-optional-action @req:H.248.1-8.2.2-optional @level:shall @basis:H.248.1-8.2.2
  Scenario: After an optional command that failed the next action is begun
    When the IMS-ALG sends
      """
      Context = {C1} { O-Subtract = nosuch/termination/4000000 },
      Context = {C1} { Subtract = {T2} }
      """
    Then command 1 is refused with error 430
    And command 2 is granted
    And context C1 holds exactly T1

  @id:h248-am-optional-wildcarded @req:H.248.1-8.2.2-optional @level:shall @basis:H.248.1-8.2.2
  Scenario: O- and W- go together
    When the IMS-ALG sends
      """
      Context = {C1} {
        O-W-Modify = nosuch/*,
        O-W-Modify = * { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then command 1 is refused with error 431
    And command 2 is granted
    And the reply has exactly 2 commands
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-am-new-context-only-adds @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A context to choose is no context to modify in
    When the IMS-ALG sends
      """
      Context = $ { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then command 1 is refused with error 421 or 411 or 435
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-am-context-survives-action @req:H.248.1-6.1 @level:shall @basis:H.248.1-6.1
  Scenario: A failed command leaves its context as it is
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ { Signals { nosuchpkg/x } } }
      """
    Then command 1 is refused with error 440
    And context C1 holds exactly T1 and T2

  @id:h248-am-failed-new-context @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2 @exclusive
  Scenario: An Add that fails in a context to choose leaves no context
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Signals { nosuchpkg/x } } }
      """
    Then command 1 is refused with error 440
    When the IMS-ALG sends
      """
      Context = * { AuditValue = * { Audit { } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands

  @id:h248-am-priority @req:H.248.1-6.1.1 @level:shall @basis:H.248.1-6.1.1 @needs:context-properties
  Scenario: Priority and emergency of a context are set, kept and reported
    When the IMS-ALG sends
      """
      Context = {C1} { Priority = 9, Emergency, Modify = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { ContextAudit { Priority, Emergency }, AuditValue = {T1} { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Priority = 9, Emergency }
      """

  @id:h248-am-priority-changed @req:H.248.1-6.1.1 @level:shall @basis:H.248.1-6.1.1 @needs:context-properties
  Scenario: A property of a context changes, and the others stay
    When the IMS-ALG sends
      """
      Context = {C1} { Priority = 9, Emergency, Modify = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Priority = 3, Modify = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { ContextAudit { Priority, Emergency }, AuditValue = {T1} { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Priority = 3, Emergency }
      """

  @id:h248-am-topology @req:H.248.1-7.1.18 @level:shall @basis:H.248.1-7.1.18 @needs:topology
  Scenario: A topology is set and reported
    When the IMS-ALG sends
      """
      Context = {C1} { Topology { {T1}, {T2}, Isolate }, Modify = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { ContextAudit { Topology }, AuditValue = {T1} { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Topology { {T1}, {T2}, Isolate } }
      """

  @id:h248-am-sender @req:H.248.1-8.3 @level:shall @basis:H.248.1-8.3
  Scenario Outline: A gateway reads a message whose sender is <case>
    When the IMS-ALG sends the message
      """
      MEGACO/2 <mid>
      Transaction = {tid} { Context = {C1} { AuditValue = {T1} { Audit { Media } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

    Examples:
      | case                   | mid                     |
      | an address and a port  | {mgc}                   |
      | an address alone       | [127.0.0.1]             |
      | a device               | mgc/first@example       |
      | an address of IPv6     | [2001:db8::1]:2944      |
      | an SS7 address         | MTP{1234AB}             |

  @id:h248-am-sender-domain @req:H.248.1-8.3 @level:shall @basis:H.248.1-8.3
  Scenario: A gateway reads a message whose sender is a domain name
    When the IMS-ALG sends the message
      """
      MEGACO/2 <mgc.example>:2944
      Transaction = {tid} { Context = {C1} { AuditValue = {T1} { Audit { Media } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

  @id:h248-am-authentication @req:H.248.1-10.2 @level:should @basis:H.248.1-10.2
  Scenario: An authentication header nobody asked for does not stop a message
    When the IMS-ALG sends the message
      """
      Authentication = 0x00000001:0x00000002:0x0123456789ABCDEF01234567
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { AuditValue = {T1} { Audit { Media } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

  @id:h248-am-not-answered @req:H.248.1-9 @level:shall @basis:H.248.1-8.2 @exclusive
  Scenario Outline: <case> that belongs to nothing is not answered
    When the IMS-ALG sends the message without awaiting an answer
      """
      MEGACO/2 {mgc}
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
    And nothing but this reply has come since that message

    Examples:
      | case               | text                                                  |
      | A reply            | Reply = 4294000001 { Context = {C1} { Modify = {T1} } } |
      | An error           | Error = 400 { "nothing was sent" }                    |
      | A Pending          | Pending = 4294000002 { }                              |
      | An acknowledgement | TransactionResponseAck { 4294000003 }                 |
      | A broken reply     | Reply = 4294000004 { Context = {                      |

  @id:h248-am-junk @req:H.248.1-9 @level:shall @basis:H.248.1-9 @exclusive
  Scenario Outline: After <case> the gateway serves on
    When the IMS-ALG sends the message without awaiting an answer
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

    Examples:
      | case                       | text                                                     |
      | words that are no H.248    | INVITE sip:alice@example.org SIP/2.0                     |
      | a message that breaks off  | MEGACO/2 {mgc} Transaction = 4294000010 { Context = $ { Add = $ { Media { Stream = 1 { Local { v=0 |
      | braces without end         | MEGACO/2 {mgc} Transaction = 1 { { { { { { { { { { { { { { { { { { { { { { { { { { |
      | a number beyond its range  | MEGACO/99999999999999999999 {mgc} Transaction = 1 { }    |
