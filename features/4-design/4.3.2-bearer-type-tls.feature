@clause-4.3.2 @Iq
Feature: 4.3.2 The bearer type "TLS" is indicated to the gateway, and it prepares TLS for it
  Package-less control: the proto field of the m-line in Local says TCP/TLS.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-B is unprotected and awaits the TCP connection

  @id:4.3.2-tls-prepared @req:4.3.2-a @level:shall @basis:TR-4.3.2
  Scenario Outline: A termination reserved as TCP/TLS is ready for TLS
    Given UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    When the terminations are reserved
    Then the reply for UE-A names an address, a port, the proto "TCP/TLS" and a sha-256 fingerprint
    When the bearers are established
    Then the IMS-AGW presents UE-A the certificate whose fingerprint it announced

    Examples:
      | tls | opens  |
      | 1.2 | opens  |
      | 1.3 | awaits |

  @id:4.3.2-fingerprint-hash @req:4.3.2-fingerprint @level:should @basis:model
  Scenario Outline: The fingerprint comes in the hash the IMS-ALG asked for
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And the IMS-ALG asks for the fingerprint in <hash>
    When the session is established
    Then the IMS-AGW presents UE-A the certificate whose fingerprint it announced
    And the announced fingerprint is in <hash>

    Examples:
      | hash    |
      | sha-1   |
      | sha-384 |
      | sha-512 |
