@clause-H.248.1-7.2.4 @clause-H.248.1-7.1.18 @Iq @Ix
Feature: H.248.1 7.2.4, 7.1.18: established bearers follow their terminations, and the topology, without loss
  What a peer sends while its termination is apart from the other waits, as on an inactive stream, and arrives afterwards.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection

  @id:h248-mo-bearer @req:H.248.1-7.2.4 @level:shall @basis:H.248.1-7.2.4 @needs:move
  Scenario Outline: The bearer of <UE> goes with its termination to another context and back
    When the session is established
    And the IMS-ALG moves <UE> to a context of its own
    And <UE> sends a message while it is apart
    And the IMS-ALG moves <UE> back after <other> was silent
    Then <other> receives the message of <UE> octet for octet

    Examples:
      | UE   | other |
      | UE-A | UE-B  |
      | UE-B | UE-A  |

  @id:h248-am-isolate @req:H.248.1-7.1.18 @level:shall @basis:H.248.1-7.1.18 @needs:topology
  Scenario: Nothing passes between terminations that are isolated
    When the session is established
    And the IMS-ALG isolates UE-A and UE-B
    And UE-A sends a message while it is apart
    And the IMS-ALG joins UE-A and UE-B after UE-B was silent
    Then UE-B receives the message of UE-A octet for octet
