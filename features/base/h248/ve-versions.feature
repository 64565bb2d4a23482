@clause-H.248.1-11.3 @Iq @Ix @Mp
Feature: H.248.1 11.3 (VE): versions 1 to 3

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-ve-reply @req:H.248.1-11.3 @level:shall @basis:H.248.1-11.3
  Scenario Outline: A request in version <version> is answered in version <version>
    When the IMS-ALG sends the message
      """
      MEGACO/<version> {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } }, Audit { Media } } } }
      """
    Then every command is granted
    And the reply is in version <version>
    And the reply shows
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

    Examples:
      | version |
      | 1       |
      | 2       |

  @id:h248-ve-version3 @req:H.248.1-11.3 @level:shall @basis:H.248.1-11.3 @needs:version3
  Scenario: A request in version 3 is answered in version 3
    When the IMS-ALG sends the message
      """
      MEGACO/3 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } }, Audit { Media } } } }
      """
    Then every command is granted
    And the reply is in version 3
    And the reply shows
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }
      """
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-ve-list @req:H.248.1-11.3 @level:shall @basis:H.248.1-B.2 @needs:version3
  Scenario: Version 3 has lists of terminations
    When the IMS-ALG sends the message
      """
      MEGACO/3 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = [{T1},{T2}] { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-ve-unknown @req:H.248.1-8.3 @level:shall @basis:H.248.1-8.3
  Scenario Outline: Version <version> is refused
    When the IMS-ALG sends the message
      """
      MEGACO/<version> {mgc}
      Transaction = {tid} { Context = {C1} { Subtract = * } }
      """
    Then the message is refused with error 406
    And context C1 holds exactly T1 and T2

    Examples:
      | version |
      | 0       |
      | 4       |
      | 99      |
