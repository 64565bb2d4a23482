@clause-H.248.1-7.2.7 @Iq @Ix @Mp
Feature: H.248.1 7.2.7 (NO): events are detected as asked, notified once, and named by who asked
  The event is the one every gateway for TCP bearers can be brought to detect from outside: the connection it was told to open is
  refused. That g/cause reports it is our signalling model; how the report is requested, named and ended is H.248.1.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-no-notified @req:H.248.1-7.2.7 @level:shall @basis:H.248.1-7.2.7
  Scenario: What was asked for is notified, at the termination and with the request id that asked
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause } } }
      """

  @id:h248-no-once @req:H.248.1-7.2.7 @level:shall @basis:H.248.1-7.2.7
  Scenario: One event is notified once
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause } } }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ {
        Media { Stream = 2 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R2} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T2} { ObservedEvents = {R2} { g/cause } } }
      """
    And no other Notify has come

  @id:h248-no-not-asked @req:H.248.1-7.2.7 @level:shall @basis:H.248.1-7.2.7
  Scenario: What nobody asked for is not notified
    When the IMS-ALG sends
      """
      Context = $ {
        Add = $ { Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } } },
        Add = $ {
          Media { Stream = 2 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
          Events = {R1} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T2} { ObservedEvents = {R1} { g/cause } } }
      """
    And no other Notify has come

  @id:h248-no-latest-request @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: The request id is that of the latest Events descriptor
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R2} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {refusing} } } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R2} { g/cause } } }
      """

  @id:h248-no-replaced @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: Events that were replaced are not notified any more
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R2} { nt/netfail } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {refusing} } } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R2} { nt/netfail } } }
      """
    And no other Notify has come

  @id:h248-no-cleared @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: After an empty Events descriptor nothing is notified
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} {
        Modify = {T1} { Media { Stream = 1 { Remote {refusing} } } },
        Add = $ {
          Media { Stream = 2 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
          Events = {R2} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T2} { ObservedEvents = {R2} { g/cause } } }
      """
    And no other Notify has come

  @id:h248-no-wildcard @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: All events of a package can be asked for at once
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/* } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause } } }
      """

  @id:h248-no-stream @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9 @needs:multiple-streams
  Scenario: An event asked for on one stream is notified for that stream only
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media {
          Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} },
          Stream = 2 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause { Stream = 2 } } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause { Stream = 2 } } } }
      """
    And no other Notify has come

  @id:h248-no-cause @req:H.248.1-7.2.7 @level:should @basis:model @package:g
  Scenario: The event says what went wrong
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} {
        g/cause { Generalcause = FT, Failurecause = "tcp-refused" } } } }
      """

  @id:h248-no-to-gateway @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: Notify is no command an MGC may send to a gateway
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = 1 { g/cause } } }
      """
    Then command 1 is refused with error 443 or 501
    And context C1 holds exactly T1

  @id:h248-no-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: <case> cannot be asked for
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { <descriptor> } }
      """
    Then command 1 is refused with error <code>
    And an audit of T1 shows
      """
      Events = {R1} { g/cause }
      """

    Examples:
      | case                                | descriptor                                 | code       |
      | An event of an unknown package      | Events = {R2} { nosuchpkg/x }               | 440        |
      | An unknown event of a known package | Events = {R2} { nt/nosuch }                 | 451        |
      | A good event beside an unknown one  | Events = {R2} { nt/netfail, g/nosuch }      | 451        |
      | A signal of an unknown package      | Signals { nosuchpkg/x }                     | 440        |
      | An unknown signal of a known package | Signals { nt/nosuch }                      | 452        |

  @id:h248-no-lock-step @req:H.248.1-7.1.5 @level:shall @basis:H.248.1-7.1.5 @needs:event-buffer
  Scenario: Buffering of events is switched on and reported
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { TerminationState { Buffer = LockStep } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { TerminationState { Buffer = LockStep } }
      """

  @id:h248-no-lock-step-waits @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9 @needs:event-buffer
  Scenario: In lock step the next event waits for the next Events descriptor, and is told with its request id
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media {
          TerminationState { Buffer = LockStep },
          Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause },
        EventBuffer { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause } } }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media {
        Stream = 2 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ {
        Media { Stream = 3 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R2} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T2} { ObservedEvents = {R2} { g/cause } } }
      """
    And no other Notify has come
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R3} { g/cause } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R3} { g/cause } } }
      """

  @id:h248-no-embedded @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: An embedded Events descriptor takes the place of the one whose event was detected
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {active}, Remote {refusing} } },
        Events = {R1} { g/cause { Embed { Events = {R2} { nt/netfail } } } } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/cause } } }
      """
    And an audit of T1 shows
      """
      Events = {R2} { nt/netfail }
      """
    And an audit of T1 does not show
      """
      Events = {R2} { g/cause }
      """

  @id:h248-no-signal-kept @req:H.248.1-7.1.11 @level:shall @basis:model @package:tcpbcc @needs:signals
  Scenario: A signal without an end stays until an empty descriptor ends it
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Signals { tcpbcc/estbnc { SignalType = OnOff } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Signals { tcpbcc/estbnc }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Signals } }
      """
    Then every command is granted
    And an audit of T1 does not show
      """
      Signals { tcpbcc/estbnc }
      """

  @id:h248-no-completion @req:H.248.1-7.1.11 @level:shall @basis:model @package:tcpbcc @needs:signals
  Scenario: The end of a signal is notified where that was asked for
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} {
        Events = {R1} { g/sc },
        Signals { tcpbcc/estbnc { SignalType = TimeOut, Duration = 5, NotifyCompletion = { TimeOut } } } } }
      """
    Then every command is granted
    And the IMS-ALG is notified
      """
      Context = {C1} { Notify = {T1} { ObservedEvents = {R1} { g/sc { SigID = tcpbcc/estbnc, Meth = TO } } } }
      """
