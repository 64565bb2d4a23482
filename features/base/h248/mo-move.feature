@clause-H.248.1-7.2.4 @Iq @Ix @Mp
Feature: H.248.1 7.2.4 (MO): Move takes a termination from one context to another in one step
  The termination stays what it is: its name, its addresses, its descriptors. A gateway need not have Move (TS 29.334 leaves it
  out); one that refuses it is not at fault.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 { LocalControl { Mode = Inactive }, Local {local} } } } }
      """
    Then every command is granted

  @id:h248-mo-move @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: Move takes a termination out of its context and into another
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C2} { Move = {T1} }
      """
    And context C1 holds exactly T2
    And context C2 holds exactly T1 and T3

  @id:h248-mo-last @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: A context goes when its last termination is moved away
    When the IMS-ALG sends
      """
      Context = {C1} { Move = {T3} }
      """
    Then every command is granted
    And context C2 has gone
    And context C1 holds exactly T1, T2 and T3

  @id:h248-mo-new-context @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: Move to a context to choose makes one
    When the IMS-ALG sends
      """
      Context = $ { Move = {T1} }
      """
    Then every command is granted
    And C1 and C3 are different
    And context C3 holds exactly T1
    And context C1 holds exactly T2

  @id:h248-mo-media-stay @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: What Move does not name goes along
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } }, Events = {R1} { g/cause } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly }, Local {
      m=message … TCP *
      } } },
      Events = {R1} { g/cause }
      """

  @id:h248-mo-modified @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: What Move names is changed on the way
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} { Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } }
      """

  @id:h248-mo-there-and-back @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario: A termination can be moved there and back in one transaction
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} }, Context = {C1} { Move = {T1} }
      """
    Then every command is granted
    And context C1 holds exactly T1 and T2
    And context C2 holds exactly T3

  @id:h248-mo-refused @req:H.248.8-errors @level:shall @basis:H.248.8 @needs:move
  Scenario Outline: Move of <case> is refused with <code>, and nothing has moved
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And context C1 holds exactly T2
    And context C2 holds exactly T1 and T3

    Examples:
      | case                                  | actions                                                                          | code |
      | a termination that does not exist     | Context = {C1} { Move = nosuch/termination/4000000 }                              | 430  |
      | a wildcard that matches nothing       | Context = {C1} { Move = nosuch/* }                                                | 431  |
      | ROOT                                  | Context = {C1} { Move = ROOT }                                                    | 410  |
      | a termination with an unknown property | Context = {C1} { Move = {T1} { Media { Stream = 1 { LocalControl { nosuchpkg/x = 1 } } } } } | 440 |

  @id:h248-mo-unknown-context @req:H.248.8-errors @level:shall @basis:H.248.8 @needs:move
  Scenario: Nothing can be moved into a context that does not exist
    When the IMS-ALG sends
      """
      Context = {C1} { Move = {T3} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C2} { Move = {T1} }
      """
    Then the action is refused with error 411
    And context C1 holds exactly T1, T2 and T3
