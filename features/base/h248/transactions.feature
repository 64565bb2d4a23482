@clause-H.248.1-D.1 @Iq @Ix @Mp
Feature: H.248.1 annex D: a transaction is executed at most once
  On UDP a request or its reply may be lost. A gateway that executes a repetition again leaks a context with every lost
  datagram.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-A is unprotected and opens the TCP connection
    And UE-B is unprotected and awaits the TCP connection

  @id:h248-duplicate-add @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: A repeated Add is answered again, not executed again
    When the terminations are reserved
    And the IMS-ALG repeats its last request
    Then the same reply comes again
    And the context still holds the same terminations

  @id:h248-duplicate-subtract @req:H.248.1-D.1 @level:shall @basis:H.248.1-D.1.1
  Scenario: A repeated Subtract is answered again, not refused
    When the terminations are reserved
    And the IMS-ALG subtracts both terminations
    And the IMS-ALG repeats its last request
    Then the same reply comes again

  @id:h248-spelling @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario Outline: Every legal spelling of a request is understood: <spelling>
    Given the IMS-ALG writes its requests <spelling>
    When the session is established
    Then messages pass both ways octet for octet

    Examples:
      | spelling                   |
      | with long tokens           |
      | with short tokens          |
      | in any other legal spelling |
