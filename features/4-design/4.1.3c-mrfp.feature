@clause-4.1.3
Feature: 4.1.3 c) TLS to non-TLS interworking for end-to-end protection at the MRFP
  The MRFP is where end-to-end TLS of a conference ends: one session a participant, each with keys of its own, beside participants
  without TLS. Only the MRFP is given keys; to an IMS-AGW and a TrGW they mean nothing.

  @Mp @id:4.1.3c-mixed @req:4.1.3-c @req:4.1.3-c-independent @level:shall @basis:TR-4.1.3
  Scenario Outline: Participants with a key, with a certificate and without TLS hear each other
    Given the MRFC controls an MRFP over IPv<ip>
    And UE-A shares a key with the MRFP, speaks TLS <tls> and <a> the TCP connection
    And UE-B has a certificate, speaks TLS <tls-b> and opens the TCP connection
    And UE-C takes part without TLS and <c> the TCP connection
    When the conference is established
    Then everybody hears everybody
    And each TLS session of the conference has secrets of its own
    And nothing that was said can be read on the bearer of UE-A
    And what was said can be read on the bearer of UE-C

    Examples:
      | tls | a      | tls-b | c      | ip |
      | 1.2 | opens  | 1.3   | opens  | 4  |
      | 1.3 | opens  | 1.2   | awaits | 4  |
      | 1.3 | awaits | 1.3   | opens  | 6  |

  @Mp @id:4.1.3c-keys @req:4.1.3-c-independent @level:shall @basis:TR-4.1.3
  Scenario Outline: Three participants with three keys have three independent sessions
    Given the MRFC controls an MRFP over IPv4
    And UE-A shares a key with the MRFP, speaks TLS <tls> and opens the TCP connection
    And UE-B shares a key with the MRFP, speaks TLS 1.3 and awaits the TCP connection
    And UE-C shares a key with the MRFP, speaks TLS 1.2 and opens the TCP connection
    When the conference is established
    Then what UE-B says reaches the others and nobody else
    And each TLS session of the conference has secrets of its own

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @Mp @id:4.1.3c-refusal @req:4.1.3-c-refusal @level:shall @basis:TR-4.1.3
  Scenario Outline: Whoever does not know the key of a termination is refused, and the others are not disturbed
    Given the MRFC controls an MRFP over IPv4
    And UE-A shares a key with the MRFP, speaks TLS <tls> and opens the TCP connection
    And UE-B shares a key with the MRFP, speaks TLS 1.3 and opens the TCP connection
    And UE-C takes part without TLS and opens the TCP connection
    And UE-A <fault>
    When the others join and UE-A tries to
    Then the MRFP refuses UE-A
    And everybody hears everybody

    Examples:
      | tls | fault                                 |
      | 1.2 | uses another key                      |
      | 1.3 | uses another key                      |
      | 1.2 | uses the key of UE-B                  |
      | 1.3 | uses the key of UE-B                  |
      | 1.2 | goes by another name                  |
      | 1.3 | goes by another name                  |
      | 1.3 | has a certificate instead of the key  |

  @Mp @id:4.1.3c-refusal-reported @req:4.1.1-c3-report @level:should @basis:model
  Scenario: The MRFC hears that a participant was refused
    Given the MRFC controls an MRFP over IPv4
    And UE-A shares a key with the MRFP, speaks TLS 1.3 and opens the TCP connection
    And UE-B takes part without TLS and opens the TCP connection
    And UE-A uses another key
    When the others join and UE-A tries to
    Then the MRFC hears the cause "tls-protocol"

  @Mp @id:4.1.3c-key-secret @req:4.1.3-c-secret @level:shall @basis:model
  Scenario: A key once given is shown to nobody
    Given the MRFC controls an MRFP over IPv4
    And UE-A shares a key with the MRFP, speaks TLS 1.3 and opens the TCP connection
    And UE-B takes part without TLS and opens the TCP connection
    When the conference is established
    Then an audit of the termination of UE-A does not show its key

  @Iq @id:4.1.3c-key-at-agw @req:4.1.3-c-only @level:should @basis:model
  Scenario: An IMS-AGW has no use for keys
    Given the IMS-ALG controls an IMS-AGW over IPv4 and knows a key
    When it adds a termination with the key
    Then it is refused with error 440

  @Ix @id:4.1.3c-key-at-trgw @req:4.1.3-c-only @level:should @basis:model
  Scenario: A TrGW has no use for keys
    Given the IBCF controls a TrGW over IPv4 and knows a key
    When it adds a termination with the key
    Then it is refused with error 440
