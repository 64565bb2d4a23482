@clause-4.3.4 @Iq
Feature: 4.3.4 and 4.4.3 Release takes the TLS session, the TCP connection and the endpoint away
  The draft leaves the options open; what rests on H.248.1 alone (Subtract) is judged in full, the rest by the adopted model.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:4.3.4-subtract-releases @req:H.248.1-7.2.3 @level:shall @basis:H.248.1-7.2.3
  Scenario Outline: Subtract ends bearers that are <bearer>, the context and the endpoints
    Given UE-A is <bearer>
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    And the IMS-ALG subtracts both terminations
    Then both UEs see their bearers end
    And the context is gone
    And nobody answers at the endpoint of UE-A any more

    Examples:
      | bearer                                                                |
      | protected end to access edge with TLS 1.2 and opens the TCP connection |
      | protected end to access edge with TLS 1.3 and opens the TCP connection |
      | unprotected and opens the TCP connection                              |

  @id:4.3.4-close-notify-first @req:4.3.4-order @level:should @basis:model
  Scenario Outline: TLS is closed before TCP
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    And the IMS-ALG subtracts both terminations
    Then UE-A sees close_notify before the end of TCP

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.3.4-release-spreads @req:4.3.4-spread @level:should @basis:model
  Scenario Outline: When <who> leaves, the other side sees the end after the last octet, and the IMS-ALG hears of it
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG asks to hear of failures
    When the session is established
    And <who> sends a last message and closes its bearer
    Then <other> receives the last message and then the end
    And the IMS-ALG hears the cause "released"

    Examples:
      | who  | other |
      | UE-A | UE-B  |
      | UE-B | UE-A  |
