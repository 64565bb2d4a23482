@clause-4.3.1 @Iq
Feature: 4.3.1 Phase I (TCP) comes before phase II (TLS), and both before any application octet
  Figure 4.3.1.1: the security session stands on an established transport connection, and media on the security session.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:4.3.1-nothing-before-tls @req:4.3.1-order @level:shall @basis:TR-4.3.1
  Scenario Outline: Nothing sent from the core reaches the access side before TLS has ended there
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the terminations are reserved
    And UE-B connects and sends a message at once
    And UE-A opens its TCP connection but holds TLS back
    Then UE-A has received nothing at all
    When UE-A completes its TLS handshake
    Then UE-A receives the message of UE-B octet for octet

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.3.1-nothing-from-unverified @req:4.3.1-order @level:shall @basis:TR-4.3.1
  Scenario Outline: Nothing reaches the core side before the peer on the access side is verified
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the fingerprint of UE-A is still unknown
    When the terminations are reserved
    And UE-B connects
    And UE-A establishes its bearer and sends a message early
    Then UE-B has received nothing at all
    When the IMS-ALG learns the fingerprint of UE-A and passes it on as one that differs
    Then the IMS-AGW ends the connection of UE-A
    And UE-B receives nothing of it

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.3.1-early-peer-verified-late @req:4.3.1-early @level:should @basis:model
  Scenario Outline: A UE that connects before its fingerprint is known loses nothing
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the fingerprint of UE-A is still unknown
    When the terminations are reserved
    And UE-B connects
    And UE-A establishes its bearer and sends a message early
    And the IMS-ALG learns the fingerprint of UE-A and passes it on
    Then UE-B receives the message of UE-A octet for octet

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.3.1-tls-follows-tcp @req:4.3.1-order @level:shall @basis:TR-4.3.1
  Scenario Outline: A TLS client gateway begins with ClientHello once TCP stands, and with nothing else
    Given UE-A is protected end to access edge with TLS <tls> and awaits the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    Then the first octets UE-A received were a ClientHello
    And messages pass both ways octet for octet

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |
