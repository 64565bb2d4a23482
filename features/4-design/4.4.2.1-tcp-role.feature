@clause-4.4.2.1 @Iq
Feature: 4.4.2.1 The gateway is TCP client or TCP server as it is told

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:4.4.2.1-role-by-setup @req:4.4.2.1-a @level:shall @basis:RFC4145-4
  Scenario Outline: The setup attribute decides who opens the connection
    Given UE-A is unprotected and <opens> the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    Then the TCP connection of UE-A was opened by <opener>
    And messages pass both ways octet for octet

    Examples:
      | opens  | opener      |
      | opens  | UE-A        |
      | awaits | the IMS-AGW |

  @id:4.4.2.1-role-absent @req:4.4.2.1-default @level:may @basis:model
  Scenario: Without a setup attribute the gateway waits
    Given UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG gives no setup attribute towards UE-A
    When the session is established
    Then the TCP connection of UE-A was opened by UE-A
    And messages pass both ways octet for octet
