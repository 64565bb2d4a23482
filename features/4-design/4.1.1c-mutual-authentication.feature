@clause-4.1.1 @Iq
Feature: 4.1.1 c) Both ends of an access-edge TLS session are who the SDP said they are
  The certificate fingerprints that the UE and the IMS-ALG exchanged in SDP are the only identity there is: certificates are
  self-signed. A gateway that lets any other peer in has no security to offer, however strong the cipher.

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And UE-B is unprotected and awaits the TCP connection

  @id:4.1.1c-signalled-certificate-accepted @req:4.1.1-c3 @level:shall @basis:TR-4.1.1
  Scenario Outline: The certificate whose fingerprint was signalled is accepted
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-A writes its fingerprint <spelling>
    When the session is established
    Then the IMS-AGW presents UE-A the certificate whose fingerprint it announced
    And messages pass both ways octet for octet

    Examples:
      | tls | spelling                            |
      | 1.2 | as one of several                   |
      | 1.3 | as one of several                   |
      | 1.3 | with the hash name in upper case    |

  @id:4.1.1c-other-certificate-refused @req:4.1.1-c3 @level:shall @basis:RFC8122-5
  Scenario Outline: A certificate other than the one signalled is refused
    Given UE-A is protected end to access edge with TLS <tls> and <opens> the TCP connection
    And UE-A presents a certificate other than the one it signalled
    When the terminations are reserved
    And UE-A tries to establish its bearer and to send a message
    Then the IMS-AGW refuses UE-A in the TLS handshake
    And UE-B receives nothing of it

    Examples:
      | tls | opens  |
      | 1.2 | opens  |
      | 1.2 | awaits |
      | 1.3 | opens  |
      | 1.3 | awaits |

  @id:4.1.1c-no-certificate-refused @req:4.1.1-c3 @level:shall @basis:RFC8122-5
  Scenario Outline: A TLS client without a certificate is refused
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-A presents no certificate
    When the terminations are reserved
    And UE-A tries to establish its bearer and to send a message
    Then the IMS-AGW refuses UE-A in the TLS handshake
    And UE-B receives nothing of it

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.1.1c-no-fingerprint-refused @req:4.1.1-c3 @level:shall @basis:RFC8122-5
  Scenario Outline: Where no fingerprint was signalled nobody is accepted
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    And UE-A signals no fingerprint
    When the terminations are reserved
    And UE-A tries to establish its bearer and to send a message
    Then the IMS-AGW refuses UE-A in the TLS handshake
    And UE-B receives nothing of it

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |

  @id:4.1.1c-plain-text-refused @req:4.1.1-c2 @level:shall @basis:TR-4.1.1
  Scenario: Plain text is refused where TLS was agreed
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    When the terminations are reserved
    And UE-A sends a message without TLS
    Then the IMS-AGW ends the connection of UE-A
    And UE-B receives nothing of it

  @id:4.1.1c-old-tls-refused @req:4.1.1-c3 @level:shall @basis:model
  Scenario: A TLS version below 1.2 is refused
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    When the terminations are reserved
    And UE-A offers nothing newer than TLS 1.1
    Then the IMS-AGW ends the connection of UE-A
    And UE-B receives nothing of it

  @id:4.1.1c-refusal-reported @req:4.1.1-c3-report @level:should @basis:model
  Scenario Outline: The IMS-ALG that asked hears why a bearer was refused
    Given UE-A is protected end to access edge with TLS 1.3 and opens the TCP connection
    And the IMS-ALG asks to hear of failures
    And UE-A <fault>
    When the terminations are reserved
    And UE-A tries to establish its bearer and to send a message
    Then the IMS-ALG hears the cause "<cause>"

    Examples:
      | fault                                                 | cause              |
      | presents a certificate other than the one it signalled | tls-fingerprint    |
      | presents no certificate                               | tls-no-certificate |
      | signals no fingerprint                                | tls-fingerprint    |

  @id:4.1.1c-endpoint-survives-refusal @req:4.1.1-c3-endpoint @level:should @basis:model
  Scenario Outline: A refused stranger does not cost the right UE its session
    Given UE-A is protected end to access edge with TLS <tls> and opens the TCP connection
    When the terminations are reserved
    And a stranger with a certificate of its own is refused at the endpoint of UE-A
    And the bearers are established
    Then messages pass both ways octet for octet

    Examples:
      | tls |
      | 1.2 |
      | 1.3 |
