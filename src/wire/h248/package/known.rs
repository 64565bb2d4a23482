//! The packages known here: what was seen in a source, what is recalled, and what is this project's own.

use std::borrow::Cow::Borrowed;

use super::{
    Item,
    ItemKind::{self, Event, Property, Signal, Statistic},
    ItemParameter, Package, Place, ValueType,
};

const SECONDS: ValueType = ValueType::Integer { min: 0, max: i64::MAX };
const U16: ValueType = ValueType::Integer { min: 0, max: u16::MAX as i64 };
const U32: ValueType = ValueType::Integer { min: 0, max: u32::MAX as i64 };
const PERCENT: ValueType = ValueType::Integer { min: 0, max: 100 };

fn words<const N: usize>(words: [&'static str; N]) -> ValueType {
    ValueType::Enumeration(words.map(Borrowed).to_vec())
}

/// A package whose name and id were seen.
fn seen(name: &'static str, id: u16, version: u16, title: &'static str, source: &'static str) -> Package {
    Package {
        name: Borrowed(name),
        id: Some(id),
        version,
        extends: None,
        title: Borrowed(title),
        source: Borrowed(source),
        assumed: false,
        complete: false,
        items: Vec::new(),
    }
}

/// A package whose name is this project's own or recalled.
fn assumed(name: &'static str, id: Option<u16>, title: &'static str, source: &'static str) -> Package {
    Package { id, assumed: true, ..seen(name, 0, 1, title, source) }
}

impl Package {
    /// Some items are listed; others may exist.
    fn part<const N: usize>(self, items: [Item; N]) -> Self {
        Self { items: items.into(), ..self }
    }

    /// Every item is listed.
    fn whole<const N: usize>(self, items: [Item; N]) -> Self {
        Self { complete: true, items: items.into(), ..self }
    }
}

fn item(kind: ItemKind, name: &'static str, id: impl Into<Option<u16>>) -> Item {
    Item {
        kind,
        name: Borrowed(name),
        id: id.into(),
        value_type: ValueType::Unknown,
        default: None,
        read_only: false,
        place: Place::Any,
        assumed: false,
        parameters: Vec::new(),
    }
}

/// A property of a stream.
fn stream(name: &'static str, id: impl Into<Option<u16>>, value_type: ValueType) -> Item {
    Item { value_type, place: Place::LocalControl, ..item(Property, name, id) }
}

/// A property of ROOT.
fn root(name: &'static str, id: impl Into<Option<u16>>, value_type: ValueType) -> Item {
    Item { value_type, place: Place::Root, ..item(Property, name, id) }
}

fn statistic(name: &'static str, id: impl Into<Option<u16>>) -> Item {
    Item { value_type: ValueType::Double, ..item(Statistic, name, id) }
}

impl Item {
    /// Name, id or type were not seen in a source.
    fn recalled(self) -> Self {
        Self { assumed: true, ..self }
    }

    /// Its value when none was given.
    fn or_else(self, value: &'static str) -> Self {
        Self { default: Some(Borrowed(value)), ..self }
    }

    fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    fn parameter(mut self, name: &'static str, id: impl Into<Option<u16>>, value_type: ValueType) -> Self {
        self.parameters.push(ItemParameter { name: Borrowed(name), id: id.into(), value_type });
        self
    }
}

/// Signals and event of a bearer, as the generic bearer package of Q.1950 has them.
fn bearer_items() -> [Item; 3] {
    [
        item(Signal, "estbnc", None).recalled(),
        item(Signal, "relbnc", None).recalled(),
        item(Event, "bncchange", None).recalled().parameter("type", None, words(["est", "rel", "fail"])).parameter(
            "cause",
            None,
            ValueType::Unknown,
        ),
    ]
}

/// The packages with a text name.
pub(super) fn packages() -> Vec<Package> {
    let mut tls =
        assumed("tlsbsc", None, "TLS basic session control", "H.248.90, contents unknown").part(bearer_items());
    tls.items.push(stream("role", None, words(["client", "server"])).recalled());
    vec![
        seen("g", 0x0001, 2, "generic", "H.248.1 E.1").whole([
            item(Event, "cause", 1)
                .parameter("Generalcause", 1, words(["NR", "UR", "FT", "FP", "IW", "UN"]))
                .parameter("Failurecause", 2, ValueType::Unknown),
            item(Event, "sc", 2)
                .parameter("SigID", 1, ValueType::Unknown)
                .parameter("Meth", 2, words(["TO", "EV", "SD", "NC", "PI"]))
                .parameter("SLID", 3, U16)
                .parameter("RID", 4, U32),
        ]),
        seen("root", 0x0002, 2, "base root", "H.248.1 E.2").whole([
            root("maxNumberOfContexts", 1, ValueType::Double).read_only(),
            root("maxTerminationsPerContext", 2, U32).read_only(),
            root("normalMGExecutionTime", 3, U32),
            root("normalMGCExecutionTime", 4, U32),
            root("MGProvisionalResponseTimerValue", 5, U32),
            root("MGCProvisionalResponseTimerValue", 6, U32),
            root("MGCOriginatedPendingLimit", 7, U32),
            root("MGOriginatedPendingLimit", 8, U32),
        ]),
        seen("nt", 0x000b, 1, "network", "H.248.1 E.11").whole([
            stream("jit", 7, U32),
            item(Event, "netfail", 5).parameter("cs", 1, ValueType::String),
            item(Event, "qualert", 6).parameter("th", 1, ValueType::Integer { min: 0, max: 99 }),
            statistic("dur", 1),
            statistic("os", 2),
            statistic("or", 3),
        ]),
        Package { extends: Some(Borrowed("nt")), ..seen("rtp", 0x000c, 2, "RTP", "H.248.1 E.12") }.whole([
            item(Event, "pltrans", 1).parameter("rtppltype", 1, ValueType::Unknown),
            statistic("ps", 4),
            statistic("pr", 5),
            statistic("pl", 6),
            statistic("jit", 7),
            statistic("delay", 8),
        ]),
        seen("chp", 0x0029, 1, "congestion handling", "H.248.10").part([item(Event, "MGCon", 1).parameter(
            "reduction",
            1,
            PERCENT,
        )]),
        seen("it", 0x0045, 1, "inactivity timer", "H.248.14").part([item(Event, "ito", 1).parameter("mit", None, U32)]),
        seen("ocp", 0x0051, 1, "overload control", "H.248.11").part([item(Event, "mg_overload", 1).recalled()]),
        seen("ds", 0x008b, 2, "differentiated services", "H.248.52; TS 29.334").part([
            stream("dscp", None, ValueType::Unknown).recalled(),
            stream("tb", None, ValueType::Boolean).recalled(),
        ]),
        seen("gm", 0x008c, 2, "gate management", "H.248.43").part([
            stream("saf", 1, ValueType::Boolean).recalled().or_else("off"),
            stream("sam", 2, ValueType::Unknown).recalled(),
            stream("spf", 3, ValueType::Boolean).recalled().or_else("off"),
            stream("spr", 4, U16).recalled(),
            stream("sprr", 5, ValueType::Unknown).recalled(),
            stream("esas", 6, ValueType::Boolean).recalled().or_else("off"),
            stream("lsa", 7, ValueType::Unknown).recalled(),
            stream("esps", 8, ValueType::Boolean).recalled().or_else("off"),
            stream("lsp", 9, U16).recalled(),
            stream("rsb", None, ValueType::Boolean).recalled(),
            statistic("dp", None).recalled(),
        ]),
        seen("tman", 0x008d, 1, "traffic management", "H.248.53").part([
            stream("pol", None, ValueType::Boolean).recalled().or_else("off"),
            stream("pdr", None, U32).recalled(),
            stream("sdr", None, U32).recalled(),
            stream("mbs", None, U32).recalled(),
            stream("dvt", None, U32).recalled(),
        ]),
        seen("hangterm", 0x0098, 1, "hanging termination detection", "H.248.36")
            .part([item(Event, "thb", 1).recalled().parameter("timerx", None, SECONDS)]),
        seen("ipnapt", 0x0099, 1, "IP NAPT traversal", "H.248.37")
            .part([item(Signal, "latch", 1).recalled().parameter("napt", None, words(["OFF", "LATCH", "RELATCH"]))]),
        seen("adid", 0x009c, 1, "application data inactivity detection", "H.248.40").part([item(
            Event, "ipstop", None,
        )
        .recalled()
        .parameter("dt", None, SECONDS)
        .parameter("dir", None, words(["IN", "OUT", "BOTH"]))]),
        seen("ipdc", 0x009d, 1, "IP domain connection", "H.248.41")
            .part([stream("realm", 1, ValueType::String).recalled()]),
        seen("rtcph", 0x00b5, 1, "RTCP handling", "H.248.57")
            .part([stream("rsb", None, ValueType::Boolean).recalled()]),
        seen("ipra", 0x00e0, 1, "IP realm availability", "H.248.41 Amd.1")
            .part([root("ar", None, ValueType::String).read_only().recalled(), item(Event, "arc", None).recalled()]),
        assumed("nb", Some(0x009a), "notification behaviour", "H.248.1 v3; id seen, name recalled"),
        assumed("seg", Some(0x00a3), "segmentation", "H.248.1 v3; id seen, name recalled"),
        assumed("adr", Some(0x00ac), "address reporting", "H.248.37 Amd.1; id seen, name recalled").part([item(
            Event, "rsac", None,
        )
        .recalled()
        .parameter("nrsa", None, ValueType::Unknown)
        .parameter("nrsp", None, ValueType::Unknown)]),
        assumed("tcpbcc", None, "TCP basic connection control", "H.248.89, contents unknown").part(bearer_items()),
        tls,
        assumed("seplink", None, "stream endpoint interlinkage", "H.248.92, contents unknown").part([
            stream("release", None, ValueType::Boolean).recalled().or_else("on"),
            stream("setup", None, ValueType::Boolean).recalled().or_else("off"),
        ]),
        assumed("tlspsk", None, "pre-shared key for TLS", "own: TS 23.333 names only the information element").part([
            stream("key", None, ValueType::Octets).recalled(),
            stream("identity", None, ValueType::String).recalled(),
        ]),
    ]
}

/// Registered ids whose text names were not found: id, title, source.
pub const UNNAMED: &[(u16, &str, &str)] = &[
    (0x008e, "gate recovery", "ETSI TS 102 333"),
    (0x008f, "NAT traversal", "ETSI TS 102 333"),
    (0x0090, "MPLS", "ETSI TS 102 333"),
    (0x0091, "VLAN", "ETSI TS 102 333"),
    (0x00b6, "gate filtering", "H.248.43"),
    (0x00bb, "SDP of the RFC", "H.248.49"),
    (0x00bc, "SDP capabilities", "H.248.49"),
    (0x00bd, "STUN, TURN, NAT traversal toolkit (up to 0x00c5)", "H.248.50"),
    (0x00d0, "IP octet counts", "H.248.61"),
    (0x00e4, "latch statistics", "H.248.37"),
    (0x00e8, "IP packet counts", "H.248.61"),
    (0x00ea, "MSRP statistics", "H.248.69"),
    (0x00eb, "MSRP connection status", "H.248.69"),
    (0x00ec, "MSRP play message", "H.248.69"),
    (0x00ed, "MSRP delete stored message", "H.248.69"),
    (0x00ee, "MSRP session information", "H.248.69"),
    (0x00ef, "MSRP filtering", "H.248.69"),
    (0x00f0, "MSRP stored message information", "H.248.69"),
    (0x00f1, "MSRP record message", "H.248.69"),
    (0x0107, "SRTP", "H.248.77"),
    (0x0108, "MGC controlled bearer level ALG", "H.248.78"),
    (0x0109, "revised offer/answer SDP", "H.248.80"),
    (0x010a, "SDP media capability", "H.248.80"),
];
