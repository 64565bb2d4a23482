@clause-H.248.1-B.2 @Iq @Ix @Mp
Feature: H.248.1 annex B (SY): every legal spelling is read, and what is not legal is answered at its level

  Background:
    Given the IMS-ALG controls an IMS-AGW over IPv4
    And a context C1 with terminations T1 and T2

  @id:h248-sy-tokens @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario Outline: Tokens are read <case>
    When the IMS-ALG sends the message
      """
      <header> {mgc}
      <text>
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

    Examples:
      | case           | header   | text                                                                                                      |
      | in long form   | MEGACO/2 | Transaction={tid}{Context={C1}{Modify={T1}{Media{Stream=1{LocalControl{Mode=SendOnly}}}}}}                  |
      | in short form  | !/2      | T={tid}{C={C1}{MF={T1}{M{ST=1{O{MO=SO}}}}}}                                                                |
      | in both forms  | MEGACO/2 | T={tid}{Context={C1}{MF={T1}{Media{ST=1{LocalControl{MO=SendOnly}}}}}}                                      |
      | in lower case  | megaco/2 | transaction={tid}{context={C1}{modify={T1}{media{stream=1{localcontrol{mode=sendonly}}}}}}                 |
      | in upper case  | MEGACO/2 | TRANSACTION={tid}{CONTEXT={C1}{MODIFY={T1}{MEDIA{STREAM=1{LOCALCONTROL{MODE=SENDONLY}}}}}}                  |
      | in mixed case  | mEgAcO/2 | tRaNsAcTiOn={tid}{cOnTeXt={C1}{mF={T1}{mEdIa{sT=1{lOcAlCoNtRoL{mO=sEnDoNlY}}}}}}                            |

  @id:h248-sy-termination-case @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: The case of what a quoted string or a property name says does not hide the item it names
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T2} { Media { Stream = 1 { LocalControl { Mode = SendOnly, IPDC/Realm = "{core}" } } } } }
      """
    Then every command is granted
    And an audit of T2 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-sy-white-space @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: White space and line ends are free wherever the grammar has them
    When the IMS-ALG sends the message
      """

         MEGACO/2 	 {mgc}

      	Transaction

      =	{tid}   {
      Context	=
      {C1}{	Modify = 
       {T1}
       {	Media   {
      Stream	= 1{LocalControl	{
       Mode
       =
       SendOnly
       }	}
       } }	}
      }

      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-sy-comments @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: Comments are white space
    When the IMS-ALG sends the message
      """
      ; before everything { " }
      MEGACO/2 ; after the version
      {mgc} ; after the sender
      Transaction = ; before the id
      {tid} { ; Context = 1 { Subtract = * }
      Context = {C1} { ;;; ; "
      Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = ; not Inactive
      SendOnly } } } } } } ; at the end
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

  @id:h248-sy-sdp-not-comment @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: A semicolon inside SDP begins no comment, and the case of SDP is kept
    When the IMS-ALG sends
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {
      v=0
      c=IN IP4 127.0.0.1
      m=message 2001 TCP *
      a=setup:active
      a=X-Mixed:One;Two;tHREE
      } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { Remote {
      a=X-Mixed:One;Two;tHREE
      } } }
      """

  @id:h248-sy-brace-in-sdp @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: A brace in SDP is escaped by a backslash, and comes back the same
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} { Media { Stream = 1 { Remote {
      v=0
      c=IN IP4 127.0.0.1
      m=message 2001 TCP *
      a=setup:active
      a=X-brace:{one\}
      } } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { Remote {
      a=X-brace:{one\}
      } } }
      """

  @id:h248-sy-empty-audit @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario Outline: An empty descriptor is read <case>
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} { <text>, Audit { Media } } } }
      """
    Then every command is granted
    And the reply shows
      """
      Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = Inactive } } } } }
      """

    Examples:
      | case             | text       |
      | as bare Events   | Events     |
      | as bare Signals  | Signals    |
      | with its braces  | Signals{ } |

  @id:h248-sy-descriptor-order @req:H.248.1-B.2 @level:shall @basis:H.248.1-B.2
  Scenario: Descriptors may come in any order
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { Context = {C1} { Modify = {T1} {
        Audit { Media }, Events = {R1} { g/cause }, Signals, Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } } }
      """
    Then every command is granted
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }, Events = {R1} { g/cause }
      """

  @id:h248-sy-ladder @req:H.248.1-8.2.2-ladder @level:shall @basis:H.248.1-8.2.2
  Scenario Outline: <case> is answered with <code>
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { <text> }
      """
    Then the <level> is refused with error <code>
    And context C1 holds exactly T1 and T2

    Examples:
      | case                                   | text                                                    | level       | code       |
      | A context id that is no number         | Context = none { Subtract = * }                          | transaction | 422        |
      | A context id beyond 32 bits            | Context = 4294967296 { Subtract = * }                    | transaction | 422        |
      | A context id that means no context in binary | Context = 0 { Subtract = {T1} }                    | transaction | 422 or 411 |
      | A word in the place of an action       | Subtract = {T1}                                          | transaction | 422        |
      | An action without an equals sign       | Context {C1} { Subtract = * }                            | transaction | 422        |
      | A command nobody knows                 | Context = {C1} { Remove = {T1} }                         | transaction | 442 or 443 or 422 |
      | A descriptor nobody knows              | Context = {C1} { Modify = {T1} { Nonsense } }            | action      | 442 or 444 |
      | A termination id with a blank          | Context = {C1} { Subtract = no such }                    | action      | 442 or 422 or 430 |
      | A termination id beyond 64 characters  | Context = {C1} { Subtract = a1234567890123456789012345678901234567890123456789012345678901234567890 } | action | 442 or 430 |
      | A mode nobody knows                    | Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = Sideways } } } } } | action | 442 or 517 |
      | A stream number beyond 16 bits         | Context = {C1} { Modify = {T1} { Media { Stream = 65536 { LocalControl { Mode = SendOnly } } } } } | action | 442 |
      | Events without a request id            | Context = {C1} { Modify = {T1} { Events { g/cause } } }   | action      | 442        |
      | A descriptor that stands twice         | Context = {C1} { Modify = {T1} { Events, Events } }       | action      | 448 or 442 |
      | W- before O-                           | Context = {C1} { W-O-Subtract = * }                      | transaction | 442 or 422 |
      | A string without its end               | Context = {C1} { Modify = {T1} { Media { LocalControl { ipdc/realm = "x } } } } | action | 442 |

  @id:h248-sy-carried-out-before @req:H.248.1-8.2.2-ladder @level:shall @basis:H.248.1-8.2.2
  Scenario Outline: What stands before <case> is carried out
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      Transaction = {tid} { <text> }
      """
    Then command 1 is granted
    And command 2 is refused with error <code>
    And an audit of T1 shows
      """
      Media { Stream = 1 { LocalControl { Mode = SendOnly } } }
      """

    Examples:
      | case               | text                                                                                                                                  | code       |
      | a broken command   | Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } }, Modify = {T2} { Media { Stream = } } }       | 442        |
      | a broken action    | Context = {C1} { Modify = {T1} { Media { Stream = 1 { LocalControl { Mode = SendOnly } } } } }, Context = none { Subtract = * }           | 422        |

  @id:h248-sy-transaction-id @req:H.248.1-8.2.2-ladder @level:shall @basis:H.248.1-8.2.2
  Scenario Outline: <case> is answered with 403 and transaction id 0
    When the IMS-ALG sends the message
      """
      MEGACO/2 {mgc}
      <text>
      """
    Then the transaction is refused with error 403
    And the reply carries transaction id 0
    And context C1 holds exactly T1 and T2

    Examples:
      | case                               | text                                                    |
      | A transaction id that is no number | Transaction = none { Context = {C1} { Subtract = * } }    |
      | A transaction id beyond 32 bits    | Transaction = 4294967296 { Context = {C1} { Subtract = * } } |
      | A transaction without an id        | Transaction { Context = {C1} { Subtract = * } }           |

  @id:h248-sy-message @req:H.248.1-8.2.2-ladder @level:shall @basis:H.248.1-8.2.2
  Scenario Outline: <case> is refused as a whole message
    When the IMS-ALG sends the message
      """
      <text>
      """
    Then the message is refused with error <code>
    And context C1 holds exactly T1 and T2

    Examples:
      | case                         | text                                                                       | code       |
      | A message without a sender   | MEGACO/2 Transaction = 1 { Context = {C1} { Subtract = * } }                | 400 or 403 |
      | A message without a version  | MEGACO {mgc} Transaction = 1 { Context = {C1} { Subtract = * } }            | 400        |
      | A sender that is no address  | MEGACO/2 [127.0.0.256]:2944 Transaction = 1 { Context = {C1} { Subtract = * } } | 400    |
      | A body nobody knows          | MEGACO/2 {mgc} Nonsense = 1 { Context = {C1} { Subtract = * } }             | 400 or 403 |
