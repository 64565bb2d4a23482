@clause-H.248.1-7.2.5 @Iq @Ix @Mp
Feature: H.248.1 7.2.5: AuditValue tells what is

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4

  @id:h248-audit-media @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: The media descriptor audited is the one granted
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the terminations are reserved
    And the IMS-ALG audits the media of UE-A
    Then the audit shows the address, port and stream mode that were granted

  @id:h248-audit-packages @req:H.248.1-7.2.5 @level:shall @basis:H.248.1-7.2.5
  Scenario: ROOT lists the packages of the gateway
    When the IMS-ALG audits the packages of ROOT
    Then the audit lists the packages g, root and nt

  @id:h248-statistics @req:H.248.1-E.11 @level:shall @basis:H.248.1-E.11
  Scenario: Subtract returns the octets that were carried
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    When the session is established
    And messages pass both ways octet for octet
    And the IMS-ALG subtracts both terminations
    Then the statistics of UE-A count the octets UE-A sent and received

  @id:h248-stream-mode @req:H.248.1-7.1.7 @level:shall @basis:H.248.1-7.1.7
  Scenario: An inactive stream carries nothing until it is made active, and loses nothing
    Given UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the stream of UE-B is inactive
    When the session is established
    And UE-A sends a message while the stream is inactive
    And the IMS-ALG makes the stream of UE-B active after UE-B was silent
    Then UE-B receives the message of UE-A octet for octet
