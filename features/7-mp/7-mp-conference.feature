@clause-7 @Mp
Feature: 7 Mp: an MSRP conference at the MRFP
  Clause 7 of the TR has headings only. These scenarios are derived from 4.1.3 c), from RFC 4975 for what an MSRP endpoint owes
  its peers, and from RFC 7701 for what a switch does: it answers each participant itself and sends on what it was given with the
  paths of the leg it leaves by.

  Background:
    Given the MRFC controls an MRFP over IPv4
    And UE-A shares a key with the MRFP, speaks TLS 1.3 and opens the TCP connection
    And UE-B shares a key with the MRFP, speaks TLS 1.2 and opens the TCP connection
    And UE-C takes part without TLS and opens the TCP connection

  @id:7-fan-out @req:7-fan-out @level:shall @basis:RFC4975-7.1
  Scenario Outline: What one participant says reaches all the others, each once, and not itself
    When the conference is established
    Then what <sender> says reaches the others and nobody else

    Examples:
      | sender |
      | UE-A   |
      | UE-B   |
      | UE-C   |

  @id:7-reports @req:7-reports @level:should @basis:model
  Scenario: The reports of those who received a message reach its sender
    When the conference is established
    Then UE-A asks for reports and gets one of each of the others

  @id:7-leaving @req:7-leaving @level:shall @basis:TR-4.1.3
  Scenario Outline: A participant that leaves takes nobody with it
    When the conference is established
    And everybody hears everybody
    And <who> <how>
    Then everybody hears everybody

    Examples:
      | who  | how                   |
      | UE-A | releases its bearer   |
      | UE-A | loses its connection  |
      | UE-C | releases its bearer   |
      | UE-C | loses its connection  |

  @id:7-subtract @req:7-leaving @level:shall @basis:TR-4.1.3
  Scenario: A participant that is subtracted takes nobody with it
    When the conference is established
    And the MRFC subtracts UE-B
    Then everybody hears everybody
