@clause-4.1.4 @Iq
Feature: 4.1.4 a) Application-agnostic interworking leaves application octets alone
  CEMA and sessmatch exist so that a gateway need not understand MSRP. One that "repairs" a path, a header or a chunk border
  in agnostic mode breaks what it should carry.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection

  @id:4.1.4a-msrp-untouched @req:4.1.4-a @level:shall @basis:TR-4.1.4
  Scenario Outline: MSRP <what> arrives as it was sent
    When the session is established
    And <sender> sends MSRP <what>
    Then <receiver> receives every octet of it unchanged

    Examples:
      | what                                        | sender | receiver |
      | in many small chunks                        | UE-A   | UE-B     |
      | in many small chunks                        | UE-B   | UE-A     |
      | with paths that name neither gateway side   | UE-A   | UE-B     |
      | with unknown headers in an unusual order    | UE-A   | UE-B     |
      | whose body contains another end-line        | UE-B   | UE-A     |
      | of one mebibyte                             | UE-A   | UE-B     |
      | of one mebibyte                             | UE-B   | UE-A     |

  @id:4.1.4a-not-msrp-untouched @req:4.1.4-a @level:shall @basis:TR-4.1.4
  Scenario Outline: Octets that are no MSRP at all arrive as they were sent
    When the session is established
    And <sender> sends octets of every value that are no MSRP
    Then <receiver> receives every octet of it unchanged

    Examples:
      | sender | receiver |
      | UE-A   | UE-B     |
      | UE-B   | UE-A     |
