@clause-4.1.3 @Iq
Feature: 4.1.3 b) Transparent forwarding of TLS with a pre-shared key
  End-to-end protection by a key that SIP exchanged between the UEs (TS 33.328, MIKEY-TICKET). The IMS-AGW is told nothing of it
  and can see nothing but TCP.

  @id:4.1.3b-psk-passes @req:4.1.3-b @level:shall @basis:TR-4.1.3
  Scenario Outline: A TLS session by a key that only the UEs have passes through the IMS-AGW
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A <a> the TCP connection and is TLS <tls> <role-a> towards UE-B by a shared key
    And UE-B <b> the TCP connection and is TLS <tls> <role-b> towards UE-A by a shared key
    When the session is established
    Then messages pass both ways octet for octet
    And nothing of the messages can be read between UE-A and the IMS-AGW
    And the octets on the access side are the octets on the core side

    Examples:
      | tls | a      | role-a | b      | role-b |
      | 1.2 | opens  | client | awaits | server |
      | 1.3 | opens  | client | awaits | server |
      | 1.3 | awaits | server | opens  | client |

  @id:4.1.3b-collision @req:4.1.3-b-collision @level:shall @basis:TR-4.1.3
  Scenario Outline: Two UEs that both open TCP both take themselves for the TLS client, and find out from each other
    The IMS-AGW awaits both, so that RFC 6135 makes either UE a TLS client. It is no party to their TLS and mends nothing.
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A opens the TCP connection and is TLS <tls> client towards UE-B
    And UE-B opens the TCP connection and is TLS <tls> client towards UE-A
    When the terminations are reserved
    And both UEs start TLS at once
    Then each UE receives the ClientHello of the other octet for octet
    And both UEs see their handshakes fail

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.1.3b-collision-psk @req:4.1.3-b-collision @level:shall @basis:TR-4.1.3
  Scenario: Two UEs that share a key and are both TLS client come to no session either
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A opens the TCP connection and is TLS 1.3 client towards UE-B by a shared key
    And UE-B opens the TCP connection and is TLS 1.3 client towards UE-A by a shared key
    When the terminations are reserved
    And both UEs start TLS at once
    Then each UE receives the ClientHello of the other octet for octet
    And both UEs see their handshakes fail
