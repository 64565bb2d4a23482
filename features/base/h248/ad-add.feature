@clause-H.248.1-7.2.1 @Iq @Ix @Mp
Feature: H.248.1 7.2.1 (AD): Add puts a termination into a context, and makes the context if need be
  `$` leaves the choice to the gateway, and the reply tells what it chose.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-ad-choose @req:H.248.1-7.2.1 @level:shall @basis:H.248.1-7.2.1
  Scenario: Add of a termination to choose in a context to choose makes both
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 {
        LocalControl { Mode = Inactive, ipdc/realm = "{access}" }, Local {local} } } } }
      """
    Then every command is granted
    And the reply has exactly 1 command
    And C1 is a context id of the ordinary range
    And context C1 holds exactly T1

  @id:h248-ad-bare @req:H.248.1-7.2.1 @level:shall @basis:H.248.1-7.2.1
  Scenario: Add needs no descriptor
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    And context C1 holds exactly T1

  @id:h248-ad-two @req:H.248.1-7.2.1 @level:shall @basis:H.248.1-7.2.1
  Scenario: Two Adds of one action meet in one context
    When the IMS-ALG sends
      """
      Context = $ { Add = $, Add = $ }
      """
    Then every command is granted
    And the reply has exactly 2 commands
    And T1 and T2 are different
    And context C1 holds exactly T1 and T2

  @id:h248-ad-existing @req:H.248.1-7.2.1 @level:shall @basis:H.248.1-7.2.1
  Scenario: Add to a context that is there leaves what it holds
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ }
      """
    Then every command is granted
    And context C1 holds exactly T1 and T2

  @id:h248-ad-new-each-time @req:H.248.1-6.1 @level:shall @basis:H.248.1-6.1
  Scenario: Every context to choose is a new one
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }, Context = $ { Add = $ }
      """
    Then every command is granted
    And C1 and C2 are different
    And C2 and C3 are different
    And T1 and T2 are different
    And T2 and T3 are different
    And context C1 holds exactly T1
    And context C2 holds exactly T2
    And context C3 holds exactly T3

  @id:h248-ad-local-chosen @req:H.248.1-7.1.8 @level:shall @basis:H.248.1-7.1.8
  Scenario: The reply fills in what Local left to the gateway, and an audit shows the same
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 {
        LocalControl { Mode = Inactive, ipdc/realm = "{core}" }, Local {local} } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Add = {T1} { Media { Stream = 1 { Local {
      c=IN IP4 …
      m=message … TCP *
      } } } } }
      """
    And the reply does not show
      """
      Context = {C1} { Add = {T1} { Media { Stream = 1 { Local {
      m=message $ TCP *
      } } } } }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { Local {
      m=message … TCP *
      } } }
      """
    And an audit of T1 does not show
      """
      Media { Stream = 1 { Local {
      c=IN IP4 $
      } } }
      """

  @id:h248-ad-mode @req:H.248.1-7.1.7 @level:shall @basis:H.248.1-7.1.7
  Scenario Outline: A stream is added in mode <mode>
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 { LocalControl { Mode = <mode> }, Local {local} } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = <mode> } } }
      """

    Examples:
      | mode        |
      | SendOnly    |
      | ReceiveOnly |
      | SendReceive |
      | Inactive    |

  @id:h248-ad-default-mode @req:H.248.1-7.1.7 @level:shall @basis:H.248.1-7.1.7
  Scenario: A stream whose mode is not said is inactive
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { Stream = 1 { LocalControl { ipdc/realm = "{access}" }, Local {local} } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = Inactive } } }
      """

  @id:h248-ad-unnumbered @req:H.248.1-7.1.4 @level:shall @basis:H.248.1-7.1.4
  Scenario: Media without a stream number are those of stream 1
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media { LocalControl { Mode = SendOnly }, Local {local} } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Add = {T1} { Media } }
      """
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = ReceiveOnly } } } } }
      """
    Then every command is granted
    And an audit of T1 does not show
      """
      Media { LocalControl { Mode = SendOnly } }
      """
    And context C1 holds exactly T1

  @id:h248-ad-audit @req:H.248.1-7.1.12 @level:shall @basis:H.248.1-7.1.12
  Scenario: Add reports what its Audit descriptor asks for
    When the IMS-ALG sends
      """
      Context = $ { Add = $ {
        Media { Stream = 1 { LocalControl { Mode = SendOnly }, Local {local} } },
        Audit { Media, Statistics, Packages } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Add = {T1} {
        Media { Stream = 1 { LocalControl { Mode = SendOnly } } },
        Statistics { nt/os = 0, nt/or = 0 },
        Packages { nt-… } } }
      """

  @id:h248-ad-two-streams @req:H.248.1-7.1.6 @level:shall @basis:H.248.1-7.1.6 @needs:multiple-streams
  Scenario: Two streams of one termination are two endpoints
    When the IMS-ALG sends
      """
      Context = $ { Add = $ { Media {
        Stream = 1 { LocalControl { Mode = SendOnly }, Local {local} },
        Stream = 2 { LocalControl { Mode = ReceiveOnly }, Local {local} } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Add = {T1} { Media { Stream = 1 { Local }, Stream = 2 { Local } } } }
      """
    And an audit of T1 shows
      """
      Media {
        Stream = 1 { LocalControl { Mode = SendOnly } },
        Stream = 2 { LocalControl { Mode = ReceiveOnly } } }
      """

  @id:h248-ad-root @req:H.248.8-errors @level:shall @basis:H.248.1-6.2.5
  Scenario: ROOT cannot be added
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Add = ROOT }
      """
    Then command 1 is refused with error 410
    And context C1 holds exactly T1

  @id:h248-ad-twice @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A termination that is in a context cannot be added to another
    Given a context C1 with terminations T1 and T2
    When the IMS-ALG sends
      """
      Context = $ { Add = $ }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C2} { Add = {T1} }
      """
    Then command 1 is refused with error 433
    And context C1 holds exactly T1 and T2
    And context C2 holds exactly T3

  @id:h248-ad-unknown-termination @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: A termination nobody has cannot be added
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Add = nosuch/termination/4000000 }
      """
    Then command 1 is refused with error 430
    And context C1 holds exactly T1

  @id:h248-ad-unknown-context @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario: Nothing can be added to a context that does not exist
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Subtract = {T1} }
      """
    Then every command is granted
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ }
      """
    Then the action is refused with error 411

  @id:h248-ad-null-context @req:H.248.8-errors @level:shall @basis:H.248.1-7.2.1
  Scenario: Nothing can be added to the null context
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = - { Add = $ }
      """
    Then command 1 is refused with error 421
    And context C1 holds exactly T1

  @id:h248-ad-refused-item @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: Add with <case> is refused, and nothing of it stays
    Given a context C1 with termination T1
    When the IMS-ALG sends
      """
      Context = {C1} { Add = $ { <descriptor> } }
      """
    Then command 1 is refused with error <code>
    And context C1 holds exactly T1

    Examples:
      | case                                 | descriptor                                                                 | code       |
      | a property of an unknown package     | Media { Stream = 1 { LocalControl { nosuchpkg/x = 1 }, Local {local} } }    | 440        |
      | an unknown property of a known package | Media { Stream = 1 { LocalControl { ipdc/nosuch = 1 }, Local {local} } }  | 445 or 450 |
      | a realm that does not exist          | Media { Stream = 1 { LocalControl { ipdc/realm = "no-such-realm" }, Local {local} } } | 449 |
      | an event of an unknown package       | Events = {R1} { nosuchpkg/x }                                               | 440        |
      | an unknown event of a known package  | Events = {R1} { g/nosuch }                                                  | 451        |
      | a signal of an unknown package       | Signals { nosuchpkg/x }                                                     | 440        |
      | an unknown signal of a known package | Signals { g/nosuch }                                                        | 452        |

  @id:h248-ad-partial @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: Of two Adds the one that fails leaves nothing and the one before it stays
    When the IMS-ALG sends
      """
      Context = $ { Add = $, Add = $ { Signals { nosuchpkg/x } } }
      """
    Then command 1 is granted
    And command 2 is refused with error 440
    And context C1 holds exactly T1
