@clause-H.248.1-7.2.5 @Iq @Ix @Mp
Feature: H.248.1 7.2.5 (AV): AuditValue reports the present state, of exactly what is asked for

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-av-descriptor @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario Outline: The <case> of a termination can be audited
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { <token> } } }
      """
    Then every command is granted
    And the reply has exactly 1 command
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { <shown> } }
      """

    Examples:
      | case            | token          | shown                                                                     |
      | media           | Media          | Media { TerminationState { ServiceStates = InService }, Stream = 1 { LocalControl { Mode = Inactive } } } |
      | statistics      | Statistics     | Statistics { nt/dur = …, nt/os = 0, nt/or = 0 }                             |
      | packages        | Packages       | Packages { nt-… }                                                          |
      | absent events   | Events         | Events                                                                    |
      | absent signals  | Signals        | Signals                                                                   |

  @id:h248-av-several @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: Several descriptors are reported by one audit, and none that was not asked for
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T2} { Audit { Statistics, Events } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T2} { Statistics, Events } }
      """
    And the reply does not show
      """
      Context = {C1} { AuditValue = {T2} { Media } }
      """

  @id:h248-av-nothing @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: An empty audit reports that the termination is there, and nothing of it
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} }
      """
    And the reply does not show
      """
      Context = {C1} { AuditValue = {T1} { Media } }
      """
    And context C1 holds exactly T1 and T2

  @id:h248-av-wildcard @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: A wildcard audits every termination of the context
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = * { Audit { Media } } }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media }, AuditValue = {T2} { Media } }
      """

  @id:h248-av-all-contexts @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.2
  Scenario: A termination is found whatever its context
    When the IMS-ALG sends
      """
      Context = * { AuditValue = {T1} { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media } }
      """

  @id:h248-av-after-change @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: An audit in the transaction of a change sees the change
    When the IMS-ALG sends
      """
      Context = {C1} {
        Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } },
        AuditValue = {T1} { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """

  @id:h248-av-individual @req:H.248.1-7.1.12-individual @level:shall @basis:H.248.1-7.1.12
  Scenario: A single property is reported without the rest
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { Media { Stream = 1 { LocalControl { Mode } } } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """
    And the reply does not show
      """
      Context = {C1} { AuditValue = {T1} { Media { Stream = 1 { Local } } } }
      """

  @id:h248-av-individual-statistic @req:H.248.1-7.1.12-individual @level:shall @basis:H.248.1-7.1.12
  Scenario: A single statistic is reported without the others
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { Statistics { nt/os } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1} { Statistics { nt/os = 0 } } }
      """
    And the reply does not show
      """
      Context = {C1} { AuditValue = {T1} { Statistics { nt/dur = … } } }
      """

  @id:h248-av-root-packages @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: ROOT lists packages with their versions
    When the IMS-ALG sends
      """
      Context = - { AuditValue = ROOT { Audit { Packages } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = - { AuditValue = ROOT { Packages { g-…, root-…, nt-… } } }
      """

  @id:h248-av-root-limits @req:H.248.1-E.2 @level:shall @basis:H.248.1-E.2.1 @package:root
  Scenario: ROOT tells how many contexts and terminations there may be
    When the IMS-ALG sends
      """
      Context = - { AuditValue = ROOT { Audit { Media } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = - { AuditValue = ROOT { Media { TerminationState {
        root/maxNumberOfContexts = …, root/maxTerminationsPerContext = … } } } }
      """

  @id:h248-av-root-not-wildcarded @req:H.248.1-6.2.2 @level:shall @basis:H.248.1-6.2.5
  Scenario: A wildcard never means ROOT
    When the IMS-ALG sends
      """
      Context = * { AuditValue = * { Audit { } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { AuditValue = {T1}, AuditValue = {T2} }
      """
    And the reply does not show
      """
      Context = … { AuditValue = ROOT }
      """

  @id:h248-av-duration @req:H.248.1-E.11 @level:shall @basis:H.248.1-E.11.4
  Scenario: The duration of a termination counts from its Add
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = {T1} { Audit { Statistics } } }
      """
    Then every command is granted
    And the statistic nt/os of T1 is exactly 0
    And the statistic nt/dur of T1 has grown when it is asked again

  @id:h248-av-refused @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: AuditValue of <case> is refused with <code>
    When the IMS-ALG sends
      """
      <actions>
      """
    Then command 1 is refused with error <code>
    And context C1 holds exactly T1 and T2

    Examples:
      | case                              | actions                                                              | code       |
      | a termination that does not exist | Context = {C1} { AuditValue = nosuch/termination/4000000 { Audit { } } } | 430     |
      | a termination of another context  | Context = - { AuditValue = {T1} { Audit { Media } } }                  | 435        |
      | a wildcard that matches nothing   | Context = {C1} { AuditValue = nosuch/* { Audit { } } }                 | 431        |
      | a statistic that does not exist   | Context = {C1} { AuditValue = {T1} { Audit { Statistics { nt/nosuch } } } } | 453 or 532 |
      | a package that is not there       | Context = {C1} { AuditValue = {T1} { Audit { Packages { nosuchpkg-1 } } } } | 440 or 532 |

  @id:h248-av-unknown-context @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A context that has gone cannot be audited
    When the IMS-ALG sends
      """
      Context = {C1} { W-Subtract = * { Audit { } } }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { AuditValue = * { Audit { } } }
      """
    Then the action is refused with error 411
