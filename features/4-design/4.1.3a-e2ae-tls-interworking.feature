@clause-4.1.3 @Iq
Feature: 4.1.3 a) TLS to non-TLS interworking for end-to-access-edge protection
  The access side is TLS over TCP, the core side plain TCP; the IMS-AGW ends TLS and carries what is inside. Also both
  sides: two UEs in one access network, each with a session of its own.

  @id:4.1.3a-relay @req:4.1.3-a @level:shall @basis:TR-4.1.3
  Scenario Outline: Messages cross between a protected access side and a plain core side
    Given the IMS-ALG controls an IMS-AGW over IPv<ip>
    And UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    Then messages pass both ways octet for octet

    Examples:
      | tls | opens  | ip |
      | 1.2 | opens  | 4  |
      | 1.2 | awaits | 4  |
      | 1.3 | opens  | 4  |
      | 1.3 | awaits | 4  |
      | 1.2 | opens  | 6  |
      | 1.2 | awaits | 6  |
      | 1.3 | opens  | 6  |
      | 1.3 | awaits | 6  |

  @id:4.1.3a-both-protected @req:4.1.3-a-local @level:shall @basis:TR-4.1.3
  Scenario Outline: Messages cross between two UEs that are both protected to the access edge
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS <tls-a> and <a> the TCP connection
    And UE-B is protected end to access edge with TLS <tls-b> and <b> the TCP connection
    When the session is established
    Then messages pass both ways octet for octet
    And the two TLS sessions share no secret

    Examples:
      | tls-a | a      | tls-b | b      |
      | 1.3   | opens  | 1.3   | awaits |
      | 1.2   | opens  | 1.3   | opens  |
      | 1.3   | awaits | 1.2   | awaits |
      | 1.2   | awaits | 1.2   | opens  |

  @id:4.1.3a-access-confidential @req:4.1.1-a @level:shall @basis:TR-4.1.3
  Scenario Outline: What is said in clear on the core side cannot be read on the access side
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    Then messages pass both ways octet for octet
    And nothing of the messages can be read between UE-A and the IMS-AGW
    And the messages can be read between the IMS-AGW and UE-B

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.1.3a-parallel-sessions @req:4.1.3-a @level:shall @basis:TR-4.1.3
  Scenario: Two sessions of one IMS-AGW do not mix
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    And a second session between two other UEs is established beside it
    Then messages pass both ways octet for octet
    And messages pass both ways octet for octet in the second session
