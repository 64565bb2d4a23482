@clause-4.1.2 @Iq
Feature: 4.1.2 MSRP and its extensions, seen by an IMS-AGW
  What the UEs support decides what the gateway has to do (tables 4.1.2-1 and 4.1.4-1). The IMS-ALG knows it from SDP and
  tells the gateway by the proto and the path of each termination; RFC 4976 relays need nothing special of it.

  @id:4.1.2-model @req:4.1.2-models @level:shall @basis:TR-4.1.2
  Scenario Outline: A UE by <a> and a UE by <b> exchange messages
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and <opens> the TCP connection
    And UE-B is unprotected and <opens-b> the TCP connection
    And UE-A speaks MSRP by <a>
    And UE-B speaks MSRP by <b>
    And the IMS-ALG makes the IMS-AGW aware of MSRP where the UEs need it
    When the session is established
    Then messages pass both ways and each UE is addressed as it expects

    Examples:
      | a         | opens  | b         | opens-b |
      | RFC 4975  | opens  | RFC 4975  | awaits  |
      | RFC 4975  | opens  | RFC 6135  | opens   |
      | RFC 6135  | awaits | RFC 6135  | awaits  |
      | RFC 6135  | opens  | RFC 4975  | awaits  |
      | CEMA      | opens  | CEMA      | awaits  |
      | CEMA      | awaits | RFC 4975  | awaits  |
      | RFC 6135  | opens  | CEMA      | opens   |
      | sessmatch | opens  | sessmatch | awaits  |
      | sessmatch | opens  | CEMA      | awaits  |
      | sessmatch | awaits | RFC 6135  | opens   |

  @id:4.1.2-relay @req:4.1.2-relay @level:may @basis:open
  Scenario Outline: A path with an MSRP relay in front is handed on whole, <mode>
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And UE-A speaks MSRP by <model>
    And UE-B speaks MSRP by <model>
    And UE-B is behind an MSRP relay
    And the IMS-ALG makes the IMS-AGW aware of MSRP where the UEs need it
    When the session is established
    Then messages pass both ways and each UE is addressed as it expects

    Examples:
      | model    | mode     |
      | RFC 4975 | aware    |
      | CEMA     | agnostic |
