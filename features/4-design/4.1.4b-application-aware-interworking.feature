@clause-4.1.4 @Iq
Feature: 4.1.4 b) Application-aware interworking rewrites paths and nothing else
  UEs that know RFC 4975 alone compare the paths in messages with those of their SDP. Between them the IMS-AGW stands as
  the other end towards each. It may lack this; one that has it does it in requests, responses and reports, in both directions.

  @id:4.1.4b-relay @req:4.1.4-b @level:shall @basis:TR-4.1.4
  Scenario Outline: Each UE sees the path of the IMS-AGW on its own side
    Given the IMS-ALG controls an IMS-AGW over IPv<ip>
    And UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And UE-A speaks MSRP by RFC 4975
    And UE-B speaks MSRP by RFC 4975
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    Then the reply for UE-A names a path of the IMS-AGW that begins with "msrps"
    And the reply for UE-B names a path of the IMS-AGW that begins with "msrp"
    And messages pass both ways and each UE is addressed as it expects

    Examples:
      | ip | tls | opens  |
      | 4  | 1.3 | opens  |
      | 4  | 1.2 | awaits |
      | 6  | 1.3 | awaits |
      | 6  | 1.2 | opens  |

  @id:4.1.4b-both-protected @req:4.1.4-b @level:shall @basis:TR-4.1.4
  Scenario: Between two protected UEs both paths are msrps
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is protected end to access edge with TLS 1.2 and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    Then the reply for UE-B names a path of the IMS-AGW that begins with "msrps"
    And messages pass both ways and each UE is addressed as it expects

  @id:4.1.4b-unprotected @req:4.1.4-b @level:shall @basis:TR-4.1.4
  Scenario: Without protection on either side the paths are rewritten all the same
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    Then messages pass both ways and each UE is addressed as it expects

  @id:4.1.4b-report @req:4.1.4-b @level:shall @basis:TR-4.1.4
  Scenario Outline: A report finds its way back to <asks>
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    And <asks> sends a message and asks for a report
    Then <asks> receives a report of success on all of it

    Examples:
      | asks |
      | UE-A |
      | UE-B |

  @id:4.1.4b-content @req:4.1.4-b-content @level:shall @basis:TR-4.1.4
  Scenario Outline: <sender> sends <what>, and nothing but the paths changes
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    And <sender> sends in its session <what>
    Then <receiver> receives it with nothing but the paths changed

    Examples:
      | what                                               | sender | receiver |
      | the chunks of two messages in turns                | UE-A   | UE-B     |
      | the chunks of two messages in turns                | UE-B   | UE-A     |
      | a message that it breaks off                       | UE-A   | UE-B     |
      | a message whose body looks like frames             | UE-B   | UE-A     |
      | a message with unknown headers in an unusual order | UE-A   | UE-B     |
      | a message of one mebibyte                          | UE-A   | UE-B     |
      | a message of one mebibyte                          | UE-B   | UE-A     |

  @id:4.1.4b-other-session @req:4.1.4-b-session @level:shall @basis:RFC4975-7.3
  Scenario Outline: A request to <whom> is answered with <code> and goes no further
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    When the session is established
    And <sender> sends a request to <whom>
    Then the IMS-AGW answers <sender> with <code>
    And <other> receives nothing of it before the next message

    Examples:
      | sender | whom                                     | code | other |
      | UE-A   | a session that the IMS-AGW does not have | 481  | UE-B  |
      | UE-B   | a session that the IMS-AGW does not have | 481  | UE-A  |
      | UE-A   | the session of the other side            | 506  | UE-B  |

  @id:4.1.4b-not-msrp @req:4.1.4-b-malformed @level:should @basis:model
  Scenario: A bearer that carries no MSRP is released, and the IMS-ALG hears why
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection
    And the IMS-ALG makes the IMS-AGW aware of MSRP
    And the IMS-ALG asks to hear of failures
    When the session is established
    And UE-A sends octets of every value that are no MSRP
    Then the IMS-AGW ends the connection of UE-A
    And the IMS-AGW ends the connection of UE-B
    And the IMS-ALG hears the cause "msrp-malformed"
