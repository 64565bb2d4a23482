@clause-TS-29.334-5.14 @Iq @Ix @Mp
Feature: TS 29.334 5.14 (PK): the packages of the profile, and what is in them

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-pk-mandatory @req:TS-29.334-5.14 @level:shall @basis:TS29.334-5.14
  Scenario: A gateway has every package its profile makes mandatory
    When the IMS-ALG sends
      """
      Context = - { AuditValue = ROOT { Audit { Packages } } }
      """
    Then every command is granted
    And the reply lists every package the profile makes mandatory

  @id:h248-pk-statistics @req:H.248.1-E.11 @level:shall @basis:H.248.1-E.11.4 @package:nt
  Scenario: Each termination begins with statistics of its own
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { Statistics } }, Subtract = {T2} }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} {
        AuditValue = {T1} { Statistics { nt/dur = …, nt/os = 0, nt/or = 0 } },
        Subtract = {T2} { Statistics { nt/dur = …, nt/os = 0, nt/or = 0 } } }
      """

  @id:h248-pk-realm @req:TS-29.334-5.14 @level:shall @basis:TS29.334-5.14 @package:ipdc
  Scenario Outline: The realm that was asked for is kept and reported
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 {
        LocalControl { Mode = Inactive, ipdc/realm = "<realm>" }, Local {local} } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { ipdc/realm = "<realm>" } } }
      """

    Examples:
      | realm    |
      | {access} |
      | {core}   |
