@clause-H.248.1-7.2.8 @Iq @Ix @Mp
Feature: H.248.1 7.2.8 (SC): ServiceChange registers a gateway and takes terminations in and out of service

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-sc-registration @req:H.248.1-7.2.8 @level:shall @basis:H.248.1-11.2
  Scenario: A gateway registers with ROOT, a method, a reason and its version, and serves then
    Then the registration of the IMS-AGW shows
      """
      Context = - { ServiceChange = ROOT { Services { Method = Restart, Reason = "9…", Version = … } } }
      """
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    And context C1 holds exactly T1

  @id:h248-sc-profile @req:H.248.1-7.2.8 @level:shall @basis:TS29.334-5.1
  Scenario: A gateway registers with the profile it is said to have
    Then the registration of the IMS-AGW names the profile of the target file

  @id:h248-sc-forced @req:H.248.1-7.2.8 @level:shall @basis:H.248.1-7.2.8
  Scenario Outline: ServiceChange <method> takes a termination <state>
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = {C1} { ServiceChange = {T1} { Services { Method = <first>, Reason = "<reason>" } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { ServiceChange = {T1} { Services { Method = <method>, Reason = "<reason>" } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { TerminationState { ServiceStates = <state> } }
      """
    And an audit of T2 shows
      """
      Media { TerminationState { ServiceStates = InService } }
      """

    Examples:
      | first   | method  | reason                            | state        |
      | Restart | Forced  | 905 Termination taken out of service | OutOfService |
      | Forced  | Restart | 900 Service Restored              | InService    |

  @id:h248-sc-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: ServiceChange of <case> is refused with <code>
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And an audit of T1 shows
      """
      Media { TerminationState { ServiceStates = InService } }
      """

    Examples:
      | case                              | actions                                                                                                              | code |
      | a termination that does not exist | Context = {C1} { ServiceChange = nosuch/termination/4000000 { Services { Method = Forced, Reason = "905 x" } } }       | 430  |
      | a wildcard that matches nothing   | Context = {C1} { ServiceChange = nosuch/* { Services { Method = Forced, Reason = "905 x" } } }                         | 431  |
      | a termination of another context  | Context = - { ServiceChange = {T1} { Services { Method = Forced, Reason = "905 x" } } }                                | 435  |

  @id:h248-sc-syntax @req:H.248.1-8.2.2-ladder @level:shall @basis:H.248.1-B.2
  Scenario Outline: ServiceChange without <case> is a syntax error
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { ServiceChange = {T1} { <text> } } }
      """
    Then the action is refused with error 442 or 472
    And an audit of T1 shows
      """
      Media { TerminationState { ServiceStates = InService } }
      """

    Examples:
      | case        | text                                 |
      | a method    | Services { Reason = "905 x" }        |
      | a reason    | Services { Method = Forced }         |

  @id:h248-sc-hand-off-nowhere @req:H.248.8-errors @level:shall @basis:H.248.1-7.2.8 @needs:hand-off
  Scenario: A HandOff that says not to whom is refused, and the MGC stays
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = - { ServiceChange = ROOT { Services { Method = HandOff, Reason = "903 MGC Directed Change" } } }
      """
    Then command 1 is refused with error 472 or 457
    And context C1 holds exactly T1

  @id:h248-sc-hand-off @req:H.248.1-7.2.8 @level:shall @basis:H.248.1-11.5 @needs:hand-off @exclusive
  Scenario: A gateway handed off registers where it is sent, and keeps its contexts
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = - { ServiceChange = ROOT { Services { Method = HandOff, Reason = "903 MGC Directed Change", MgcIdToTry = {mgc} } } }
      """
    Then every command is granted
    And the IMS-AGW registers once more with
      """
      Context = - { ServiceChange = ROOT { Services { Method = HandOff, Reason = "9…" } } }
      """
    And context C1 holds exactly T1 and T2
