@clause-4.3.3.2 @Iq
Feature: Slow, silent and dead peers cost nobody else anything
  Derived from 4.3.3.2 and the establishment model: an endpoint that somebody holds open without finishing must still
  serve its UE, and leave nothing behind.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection

  @id:tls-silent-stranger @req:4.3.3.2-bounded @level:should @basis:model
  Scenario: A stranger that never completes its handshake holds nobody up
    When the terminations are reserved
    And a stranger connects to the endpoint of UE-A and stays silent
    And the bearers are established
    Then messages pass both ways octet for octet
    When the IMS-ALG subtracts both terminations
    Then the stranger sees its connection end
    And the context is gone
    And nobody answers at the endpoint of UE-A any more

  @id:tls-slow-stranger @req:4.3.3.2-bounded @level:should @basis:model
  Scenario: A stranger that sends one octet at a time holds nobody up
    When the terminations are reserved
    And a stranger connects to the endpoint of UE-A and sends a ClientHello one octet at a time
    And the bearers are established
    Then messages pass both ways octet for octet
    When the IMS-ALG subtracts both terminations
    Then the stranger sees its connection end
    And the context is gone

  @id:tls-second-connection @req:4.3.3.2-owner @level:should @basis:model
  Scenario: A second connection to an endpoint that has its peer changes nothing for the first
    When the session is established
    And a stranger with a certificate of its own is refused at the endpoint of UE-A
    Then messages pass both ways octet for octet

  @id:h248-mgc-restarts @req:H.248.1-11.5 @level:should @basis:model @exclusive
  Scenario: Sessions outlive the MGC, and a new one finds and releases them
    When the session is established
    And the MGC is killed
    Then messages pass both ways octet for octet
    When a new MGC takes the place of the old one
    And the IMS-ALG subtracts both terminations
    Then both UEs see their bearers end
    And the context is gone
