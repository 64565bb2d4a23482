//! `ipnapt`, H.248.37: a peer behind a NAT is taken from wherever it comes (the signal's name is recalled).

use crate::{
    gateway::bearer::Latch,
    wire::h248::{Signal, Value},
};

/// What `ipnapt/latch` says in `napt`.
pub(super) fn latch(signal: &Signal<'_>) -> Option<Latch> {
    let given = signal.parameters.iter().find(|given| given.name == "napt")?;
    let word = given.value.single().map(Value::as_str)?;
    let words = [("OFF", Latch::Off), ("LATCH", Latch::Latch), ("RELATCH", Latch::Relatch)];
    words.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, latch)| latch)
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        LegCommand,
        bearer::{Latch, Order},
        testing::Bench,
    };

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    #[test]
    fn latching_is_an_order_to_the_legs_it_is_for() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        bench.bearer();
        for (word, latch) in [("LATCH", Latch::Latch), ("relatch", Latch::Relatch), ("OFF", Latch::Off)] {
            bench.say(&format!("C=1{{MF=ip/access/1{{SG{{ipnapt/latch{{ST=1,napt={word}}}}}}}}}"));
            let orders = bench.bearer();
            let order = Order::Latch(latch);
            assert!(matches!(&orders[..], [(_, LegCommand::Order { order: given, .. })] if *given == order), "{word}");
        }
        bench.say("C=1{MF=ip/access/1{SG{ipnapt/latch{ST=2,napt=LATCH}}}}");
        assert!(bench.bearer().is_empty());
    }
}
