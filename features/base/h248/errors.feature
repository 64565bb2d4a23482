@clause-H.248.1-8.2 @Iq @Ix @Mp
Feature: H.248.1 8.2: what cannot be done is refused with the error that says why

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-error @req:H.248.8-errors @level:shall @basis:H.248.8
  Scenario Outline: <request> is refused with <code>
    When the IMS-ALG sends <request>
    Then it is refused with error <code>

    Examples:
      | request                                        | code |
      | a Modify in a context that does not exist      | 411  |
      | a Subtract of a termination that does not exist | 430  |
      | an Add with a property of an unknown package   | 440  |
      | an Add that asks for media type "TCP/NOSUCH"   | 515  |
      | a request with an unreadable command           | 442  |
      | a request with an unreadable action            | 422  |
      | a request with an unreadable transaction       | 403  |
      | an Add of ROOT                                 | 410  |

  @id:h248-failed-add-leaves-nothing @req:H.248.1-8.2.2 @level:shall @basis:H.248.1-8.2.2
  Scenario: A failed Add leaves nothing behind
    When the IMS-ALG adds one good termination and one that must be refused in one transaction
    Then the refused one is told by an error
    And subtracting what was granted leaves no context
