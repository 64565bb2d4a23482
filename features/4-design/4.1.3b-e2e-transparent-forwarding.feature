@clause-4.1.3 @Iq
Feature: 4.1.3 b) Transparent forwarding of TLS for end-to-end protection
  The UEs run TLS between themselves. The IMS-AGW carries the octets and is no party to the session.

  @id:4.1.3b-tls-passes @req:4.1.3-b @level:shall @basis:TR-4.1.3
  Scenario Outline: A TLS session between the UEs passes through the IMS-AGW
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A opens the TCP connection and is TLS <tls> client towards UE-B
    And UE-B awaits the TCP connection and is TLS <tls> server towards UE-A
    When the session is established
    Then messages pass both ways octet for octet
    And the octets on the access side are the octets on the core side

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |
