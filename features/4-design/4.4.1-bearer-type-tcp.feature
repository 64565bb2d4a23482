@clause-4.4.1 @Iq
Feature: 4.4.1 The bearer type "TCP" is indicated to the gateway, and it prepares TCP and nothing more
  Package-less control: the proto field of the m-line in Local says TCP.

  @id:4.4.1-tcp-prepared @req:4.4.1-a @level:shall @basis:TR-4.4.1
  Scenario Outline: Terminations reserved as TCP carry octets in clear
    Given the IMS-ALG controls an IMS-AGW over IPv<ip>
    And UE-A is unprotected and <a> the TCP connection
    And UE-B is unprotected and <b> the TCP connection
    When the terminations are reserved
    Then the reply for UE-A names an address, a port, the proto "TCP" and no fingerprint
    When the bearers are established
    Then messages pass both ways octet for octet

    Examples:
      | ip | a      | b      |
      | 4  | opens  | awaits |
      | 4  | awaits | opens  |
      | 6  | opens  | awaits |

  @id:4.4.1-tls-on-tcp-not-answered @req:4.4.1-a @level:shall @basis:TR-4.4.1
  Scenario Outline: TLS on a bearer agreed as TCP is not answered by the gateway
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    And UE-A starts TLS <tls> all the same
    Then UE-B receives the ClientHello octet for octet
    And UE-A has received nothing at all

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |
