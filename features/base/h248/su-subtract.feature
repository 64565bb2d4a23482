@clause-H.248.1-7.2.3 @Iq @Ix @Mp
Feature: H.248.1 7.2.3 (SU): Subtract takes a termination away, and with the last one the context

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-su-last @req:H.248.1-7.2.3 @level:shall @basis:H.248.1-7.2.3
  Scenario: The context goes with its last termination
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then every command is granted
    And context C1 has gone

  @id:h248-su-one-of-two @req:H.248.1-7.2.3 @level:shall @basis:H.248.1-7.2.3
  Scenario: The context stays as long as a termination is in it
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then every command is granted
    And context C1 holds exactly T2

  @id:h248-su-statistics @req:H.248.1-7.2.3-statistics @level:shall @basis:H.248.1-7.2.3
  Scenario: Statistics come back where the request does not say what to report
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Subtract = {T1} { Statistics { nt/dur = …, nt/os = 0, nt/or = 0 } } }
      """

  @id:h248-su-silent @req:H.248.1-7.2.3-statistics @level:shall @basis:H.248.1-7.2.3
  Scenario: An empty Audit descriptor asks for no statistics
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Subtract = {T1} }
      """
    And the reply does not show
      """
      Context = {C1} { Subtract = {T1} { Statistics } }
      """
    And context C1 has gone

  @id:h248-su-audit @req:H.248.1-7.1.12 @level:shall @basis:H.248.1-7.1.12
  Scenario: Subtract reports the last state of what its Audit descriptor asks for
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Subtract = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """
    And context C1 has gone

  @id:h248-su-wildcard @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: A wildcard takes every termination of the context, and of no other
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = * }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And context C1 has gone
    And context C2 holds exactly T3

  @id:h248-su-wildcarded-response @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: W-Subtract of all is answered once
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = {C1} { W-Subtract = * { Audit { } } }
      """
    Then every command is granted
    And the reply has exactly 1 command
    And the reply shows
      """
      Context = {C1} { Subtract = * }
      """
    And context C1 has gone

  @id:h248-su-everywhere @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2 @exclusive
  Scenario: With wildcards for context and termination nothing is left anywhere
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = * { Subtract = * { Audit { } } }
      """
    Then every command is granted
    And the reply has exactly 3 commands
    And context C1 has gone
    And context C2 has gone

  @id:h248-su-first-of-several @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: Subtract takes effect before the next command of its action
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1}, AuditValue = {T1} { Audit { } } }
      """
    Then command 1 is granted
    And command 2 is refused with error 430 or 435
    And context C1 holds exactly T2

  @id:h248-su-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: Subtract of <case> is refused with <code>
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And context C1 holds exactly T1 and T2

    Examples:
      | case                              | actions                                                   | code |
      | a termination that does not exist | Context = {C1} { Subtract = nosuch/termination/4000000 }   | 430  |
      | a wildcard that matches nothing   | Context = {C1} { Subtract = nosuch/* }                     | 431  |
      | ROOT                              | Context = {C1} { Subtract = ROOT }                         | 410  |
      | a termination by the null context | Context = - { Subtract = {T1} }                            | 435  |

  @id:h248-su-other-context @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A termination cannot be subtracted from a context it is not in
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C2} { Subtract = {T1} }
      """
    Then command 1 is refused with error 435
    And context C1 holds exactly T1 and T2

  @id:h248-su-twice @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A context that has gone is unknown
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then the action is refused with error 411
