@clause-4.3.3.1 @Iq
Feature: 4.3.3.1 The TLS role of the gateway is its own matter, apart from the TCP role

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-B is unprotected and awaits the TCP connection

  @id:4.3.3.1-role-by-setup @req:4.3.3.1-default @level:shall @basis:RFC8122-6.2
  Scenario Outline: Told nothing else, the side that opens TCP is TLS client
    Given UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    When the session is established
    Then the IMS-AGW is TLS <role> towards UE-A
    And messages pass both ways octet for octet

    Examples:
      | tls | opens  | role   |
      | 1.2 | opens  | server |
      | 1.3 | opens  | server |
      | 1.2 | awaits | client |
      | 1.3 | awaits | client |

  @id:4.3.3.1-role-ordered @req:4.3.3.1-a @level:shall @basis:model
  Scenario Outline: The IMS-ALG may order the TLS role, whoever opened TCP
    Given UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    And the IMS-ALG orders the IMS-AGW to be TLS <role> towards UE-A
    When the session is established
    Then the IMS-AGW is TLS <role> towards UE-A
    And messages pass both ways octet for octet

    Examples:
      | tls | opens  | role   |
      | 1.2 | opens  | client |
      | 1.2 | awaits | server |
      | 1.3 | opens  | client |
      | 1.3 | awaits | server |
