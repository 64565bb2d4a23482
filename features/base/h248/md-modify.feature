@clause-H.248.1-7.2.2 @Iq @Ix @Mp
Feature: H.248.1 7.2.2 (MD): Modify changes what it names and leaves the rest

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-md-mode @req:H.248.1-7.2.2 @level:shall @basis:H.248.1-7.2.2
  Scenario Outline: The mode of a stream becomes <mode>
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = <mode> } } } } }
      """
    Then every command is granted
    And the reply has exactly 1 command
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = <mode> } } }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

    Examples:
      | mode        |
      | SendOnly    |
      | ReceiveOnly |
      | SendReceive |

  @id:h248-md-rest-stays @req:H.248.1-7.2.2 @level:shall @basis:H.248.1-7.2.2
  Scenario: What Modify does not name stays, and is not reported
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendReceive } } } } }
      """
    Then every command is granted
    And the reply does not show
      """
      Context = {C1} { Modify = {T1} { Media } }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendReceive }, Local {
      m=message … TCP *
      } } }
      """

  @id:h248-md-nothing @req:H.248.1-7.2.2 @level:shall @basis:H.248.1-7.2.2
  Scenario: Modify without descriptors changes nothing
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Modify = {T1} }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-md-remote @req:H.248.1-7.1.8 @level:shall @basis:H.248.1-7.1.8
  Scenario: Remote is set, and replaced as a whole
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {
      v=0
      c=IN IP4 127.0.0.1
      m=message 2001 TCP *
      a=setup:active
      } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { Remote {
      m=message 2001 TCP *
      } } }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {
      v=0
      c=IN IP4 127.0.0.1
      m=message 2003 TCP *
      a=setup:active
      } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { Remote {
      m=message 2003 TCP *
      } } }
      """
    And an audit of T1 does not show
      """
      Media { Stream = 1 { Remote {
      m=message 2001 TCP *
      } } }
      """

  @id:h248-md-audit @req:H.248.1-7.1.12 @level:shall @basis:H.248.1-7.1.12
  Scenario: Modify reports the state after the change
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } }, Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-md-wildcard @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: A wildcard modifies every termination of the context and reports each
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = * { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And the reply shows
      """
      Context = {C1} { Modify = {T1}, Modify = {T2} }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-md-wildcarded-response @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: W- asks for one reply for all that a wildcard matches
    When the IMS-ALG sends
      """
      Context = {C1} { W-Modify = * { Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } } } }
      """
    Then every command is granted
    And the reply has exactly 1 command
    And the reply shows
      """
      Context = {C1} { Modify = * }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } }
      """

  @id:h248-md-events-set @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: Events are set and replaced as a whole
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R1} { g/cause } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Events = {R1} { g/cause }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R2} { nt/netfail } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Events = {R2} { nt/netfail }
      """
    And an audit of T1 does not show
      """
      Events = {R2} { g/cause }
      """

  @id:h248-md-events-cleared @req:H.248.1-7.1.9 @level:shall @basis:H.248.1-7.1.9
  Scenario: An empty Events descriptor clears what was asked for
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Events } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Events
      """
    And an audit of T1 does not show
      """
      Events = {R1} { g/cause }
      """

  @id:h248-md-service-state @req:H.248.1-7.1.5 @level:shall @basis:H.248.1-7.1.5
  Scenario Outline: A termination is put in service state <state>
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { TerminationState { ServiceStates = <state> } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { TerminationState { ServiceStates = <state> } }
      """

    Examples:
      | state        |
      | Test         |
      | OutOfService |

  @id:h248-md-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: Modify of <case> is refused with <code>
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

    Examples:
      | case                                  | actions                                                                               | code       |
      | a termination that does not exist     | Context = {C1} { Modify = nosuch/termination/4000000 }                                 | 430        |
      | a termination of another context      | Context = - { Modify = {T1} { Media { LocalControl { Mode = SendOnly } } } }           | 435        |
      | a wildcard that matches nothing       | Context = {C1} { Modify = nosuch/* }                                                   | 431        |
      | a property of an unknown package      | Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { nosuchpkg/x = 1 } } } } } | 440 |
      | an unknown property                   | Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { ipdc/nosuch = 1 } } } } } | 445 or 450 |
      | an unknown event                      | Context = {C1} { Modify = {T1} { Events = {R1} { g/nosuch } } }                        | 451        |
      | an unknown signal                     | Context = {C1} { Modify = {T1} { Signals { g/nosuch } } }                              | 452        |
      | an unknown statistic                  | Context = {C1} { Modify = {T1} { Statistics { nt/nosuch } } }                          | 453        |

  @id:h248-md-rolled-back @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: A Modify that fails in its second half has not changed what its first half names
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} {
        Media { Stream = 1 { LocalControl { Mode = SendReceive } } },
        Events = {R1} { g/nosuch } } }
      """
    Then command 1 is refused with error 451
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-md-rolled-back-stream @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2 @needs:multiple-streams
  Scenario: A Modify that fails on its second stream has not changed the first nor made the second
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media {
        Stream = 1 { LocalControl { Mode = SendReceive } },
        Stream = 2 { LocalControl { Mode = SendReceive, nosuchpkg/x = 1 }, Local {local} } } } }
      """
    Then command 1 is refused with error 440
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """
    And an audit of T1 does not show
      """
      Media { Stream = 2 }
      """

  @id:h248-md-read-only @req:H.248.8-errors @level:shall @basis:H.248.1-E.2.1 @package:root
  Scenario: A property of ROOT that is read only cannot be written
    When the IMS-ALG sends
      """
      Context = - { Modify = ROOT { Media { TerminationState { root/maxNumberOfContexts = 1 } } } }
      """
    Then command 1 is refused with error 534
    When the IMS-ALG sends
      """
      Context = - { AuditValue = ROOT { Audit { Media } } }
      """
    Then the reply does not show
      """
      Context = - { AuditValue = ROOT { Media { TerminationState { root/maxNumberOfContexts = 1 } } } }
      """
