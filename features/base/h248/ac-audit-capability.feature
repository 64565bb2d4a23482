@clause-H.248.1-7.2.6 @Iq @Ix @Mp
Feature: H.248.1 7.2.6 (AC): AuditCapability reports what could be, not what is

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-ac-statistics @req:H.248.1-7.2.6 @level:shall @basis:H.248.1-7.2.6
  Scenario: The statistics a termination can keep are named, without values
    When the IMS-ALG sends
      """
      Context = {C1} { AuditCapability = {T1} { Audit { Statistics } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditCapability = {T1} { Statistics { nt/dur, nt/os, nt/or } } }
      """

  @id:h248-ac-events @req:H.248.1-7.2.6 @level:shall @basis:H.248.1-7.2.6
  Scenario: The events a termination can detect are named, asked for or not
    When the IMS-ALG sends
      """
      Context = {C1} { AuditCapability = {T1} { Audit { Events } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditCapability = {T1} { Events = … { g/cause } } }
      """
    And an audit of T1 does not show
      """
      Events = … { g/cause }
      """

  @id:h248-ac-packages @req:H.248.1-7.2.6 @level:shall @basis:H.248.1-7.2.6
  Scenario: The packages a termination can have are named
    When the IMS-ALG sends
      """
      Context = {C1} { AuditCapability = {T1} { Audit { Packages } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditCapability = {T1} { Packages { nt-… } } }
      """

  @id:h248-ac-changes-nothing @req:H.248.1-7.2.6 @level:shall @basis:H.248.1-7.2.6
  Scenario: To ask for capabilities changes nothing
    When the IMS-ALG sends
      """
      Context = {C1} { AuditCapability = * { Audit { Media, Events, Signals } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }, Events, Signals
      """
    And context C1 holds exactly T1 and T2

  @id:h248-ac-root @req:H.248.1-7.2.6 @level:shall @basis:H.248.1-7.2.6
  Scenario: The capabilities of ROOT can be asked for
    When the IMS-ALG sends
      """
      Context = - { AuditCapability = ROOT { Audit { Packages } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = - { AuditCapability = ROOT { Packages { root-… } } }
      """

  @id:h248-ac-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: AuditCapability of <case> is refused with <code>
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And context C1 holds exactly T1 and T2

    Examples:
      | case                              | actions                                                                     | code |
      | a termination that does not exist | Context = {C1} { AuditCapability = nosuch/termination/4000000 { Audit { } } } | 430  |
      | a termination of another context  | Context = - { AuditCapability = {T1} { Audit { Media } } }                    | 435  |
      | a wildcard that matches nothing   | Context = {C1} { AuditCapability = nosuch/* { Audit { } } }                   | 431  |
