//! Keywords: one table, long and short spelling, any case (H.248.1 B.2).

/// Declares the keywords once: variant, long spelling, short spelling.
macro_rules! tokens {
    ($($name:ident $long:literal $short:literal;)+) => {
        /// A keyword of the text encoding. Whether it is one depends on where it stands: elsewhere it is a name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Token {
            $($name),+
        }

        /// Variant, long and short spelling.
        const TOKENS: &[(Token, &str, &str)] = &[$((Token::$name, $long, $short)),+];
    };
}

tokens! {
    Add "Add" "A";
    AndLgc "ANDLgc" "ANDLgc";
    Audit "Audit" "AT";
    AuditCapability "AuditCapability" "AC";
    AuditValue "AuditValue" "AV";
    Authentication "Authentication" "AU";
    Both "Both" "B";
    Bothway "Bothway" "BW";
    Brief "Brief" "BR";
    Buffer "Buffer" "BF";
    Context "Context" "C";
    ContextAttr "ContextAttr" "CT";
    ContextAudit "ContextAudit" "CA";
    ContextList "ContextList" "CLT";
    Delay "Delay" "DL";
    DigitMap "DigitMap" "DM";
    Disconnected "Disconnected" "DC";
    Duration "Duration" "DR";
    Embed "Embed" "EM";
    Emergency "Emergency" "EG";
    EmergencyOff "EmergencyOff" "EGO";
    EmergencyValue "EmergencyValue" "EGV";
    End "END" "&";
    Error "Error" "ER";
    EventBuffer "EventBuffer" "EB";
    Events "Events" "E";
    External "External" "EX";
    Failover "Failover" "FL";
    Forced "Forced" "FO";
    Graceful "Graceful" "GR";
    H221 "H221" "H221";
    H223 "H223" "H223";
    H226 "H226" "H226";
    HandOff "HandOff" "HO";
    IepsCall "IEPSCall" "IEPS";
    ImmAckRequired "ImmAckRequired" "IA";
    ImmediateNotify "ImmediateNotify" "NBIN";
    Inactive "Inactive" "IN";
    InService "InService" "IV";
    IntByEvent "IntByEvent" "IBE";
    IntBySigDescr "IntBySigDescr" "IBS";
    Internal "Internal" "IT";
    Intersignal "Intersignal" "SPAIS";
    Isolate "Isolate" "IS";
    Iteration "Iteration" "IR";
    KeepActive "KeepActive" "KA";
    Local "Local" "L";
    LocalControl "LocalControl" "O";
    LockStep "LockStep" "SP";
    Loopback "Loopback" "LB";
    Media "Media" "M";
    Megaco "MEGACO" "!";
    Method "Method" "MT";
    MgcIdToTry "MgcIdToTry" "MG";
    Mode "Mode" "MO";
    Modem "Modem" "MD";
    Modify "Modify" "MF";
    Move "Move" "MV";
    Mtp "MTP" "MTP";
    Mux "Mux" "MX";
    NeverNotify "NeverNotify" "NBNN";
    Notify "Notify" "N";
    NotifyCompletion "NotifyCompletion" "NC";
    Nx64Kservice "Nx64Kservice" "N64";
    ObservedEvents "ObservedEvents" "OE";
    Off "OFF" "OFF";
    On "ON" "ON";
    Oneway "Oneway" "OW";
    OnewayBoth "OnewayBoth" "OWB";
    OnewayExternal "OnewayExternal" "OWE";
    OnOff "OnOff" "OO";
    OrLgc "ORLgc" "ORLgc";
    OtherReason "OtherReason" "OR";
    OutOfService "OutOfService" "OS";
    Packages "Packages" "PG";
    Pending "Pending" "PN";
    Priority "Priority" "PR";
    Profile "Profile" "PF";
    Reason "Reason" "RE";
    ReceiveOnly "ReceiveOnly" "RC";
    RegulatedNotify "RegulatedNotify" "NBRN";
    Remote "Remote" "R";
    Reply "Reply" "P";
    ReservedGroup "ReservedGroup" "RG";
    ReservedValue "ReservedValue" "RV";
    ResetEventsDescriptor "ResetEventsDescriptor" "RSE";
    Restart "Restart" "RS";
    Root "ROOT" "ROOT";
    Segment "Segment" "SM";
    SendOnly "SendOnly" "SO";
    SendReceive "SendReceive" "SR";
    Services "Services" "SV";
    ServiceChange "ServiceChange" "SC";
    ServiceChangeAddress "ServiceChangeAddress" "AD";
    ServiceChangeInc "ServiceChangeInc" "SIC";
    ServiceStates "ServiceStates" "SI";
    SignalList "SignalList" "SL";
    Signals "Signals" "SG";
    SignalType "SignalType" "SY";
    SpaDirection "SPADirection" "SPADI";
    SpaRequestId "SPARequestID" "SPARQ";
    Statistics "Statistics" "SA";
    Stream "Stream" "ST";
    Subtract "Subtract" "S";
    TerminationState "TerminationState" "TS";
    Test "Test" "TE";
    TimeOut "TimeOut" "TO";
    Topology "Topology" "TP";
    Transaction "Transaction" "T";
    TransactionResponseAck "TransactionResponseAck" "K";
    V76 "V76" "V76";
    Version "Version" "V";
}

/// A spelling some stacks use beside the two of the table.
const EMERGENCY_OFF_TOKEN: &str = "EmergencyOffToken";

const SLOTS: usize = 2048;

/// Open addressing over both spellings: index into `TOKENS` plus one, or 0.
static TABLE: [u8; SLOTS] = table();

const fn slot(text: &[u8]) -> usize {
    let length = text.len();
    let second = if length > 1 { text[1] } else { text[0] };
    let octets = [text[0], second, text[length / 2], text[length - 1]];
    // Factors tried until no two spellings met: a lookup compares once.
    let factors = [191, 1449, 1521, 235];
    let (mut sum, mut index) = (length * 1837, 0);
    while index < 4 {
        sum += (octets[index] | 0x20) as usize * factors[index];
        index += 1;
    }
    sum % SLOTS
}

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut index = 0;
    while index < TOKENS.len() {
        let (_, long, short) = TOKENS[index];
        let mut spelling = 0;
        while spelling < 2 {
            let mut at = slot(if spelling == 0 { long.as_bytes() } else { short.as_bytes() });
            while table[at] != 0 {
                at = (at + 1) % SLOTS;
            }
            table[at] = index as u8 + 1;
            spelling += 1;
        }
        index += 1;
    }
    table
}

impl Token {
    /// The keyword spelled `word`, if it is one.
    pub(super) fn find(word: &str) -> Option<Self> {
        if word.is_empty() || word.len() > 22 {
            return None;
        }
        let mut at = slot(word.as_bytes());
        while let Some((token, long, short)) = TABLE.get(at).and_then(|&i| TOKENS.get(usize::from(i).wrapping_sub(1))) {
            let spelling = if word.len() == short.len() { *short } else { *long };
            if spelling == word || spelling.eq_ignore_ascii_case(word) {
                return Some(*token);
            }
            at = (at + 1) % SLOTS;
        }
        word.eq_ignore_ascii_case(EMERGENCY_OFF_TOKEN).then_some(Self::EmergencyOff)
    }

    /// The long spelling.
    pub(super) fn long(self) -> &'static str {
        TOKENS.get(self as usize).map_or("", |row| row.1)
    }

    /// The short spelling.
    pub(super) fn short(self) -> &'static str {
        TOKENS.get(self as usize).map_or("", |row| row.2)
    }
}

/// The long spelling of a keyword of Annex B in any of its spellings, ignoring case; `None` for another word. Whether a word is a keyword depends on
/// where it stands.
pub fn keyword(word: &str) -> Option<&'static str> {
    Token::find(word).map(Token::long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_found_in_any_case() {
        for (token, long, short) in TOKENS {
            for word in [*long, *short, &long.to_lowercase(), &short.to_uppercase()] {
                assert_eq!(Token::find(word), Some(*token), "{word}");
            }
            assert_eq!((token.long(), token.short()), (*long, *short));
        }
    }

    #[test]
    fn no_two_keywords_share_a_spelling() {
        let mut all: Vec<String> = TOKENS
            .iter()
            .flat_map(|(_, long, short)| {
                let mut both = vec![long.to_lowercase(), short.to_lowercase()];
                both.dedup();
                both
            })
            .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn names_are_no_keywords() {
        for word in ["", "al/ri", "strict", "x", "ServiceChangeAddresses", "\u{e9}"] {
            assert_eq!(Token::find(word), None, "{word}");
        }
    }
}
