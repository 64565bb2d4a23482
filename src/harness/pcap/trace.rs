//! A transcript as a pcapng file that Wireshark opens with TLS already decrypted.
//!
//! | interface | link type | holds |
//! |---|---|---|
//! | `control`, `access`, `core` | raw IP | UDP datagrams; TCP segments *reconstructed* from the octets that crossed the sockets, so that sequence numbers, cuts and acknowledgements are ours |
//! | `application` | Wireshark upper PDU | the messages inside TLS, as the UEs read and wrote them |
//!
//! The secrets stand in a Decryption Secrets Block before the first packet, so TLS records show decrypted. What is in them stays
//! data: Wireshark's MSRP dissector (4.0 at least) has no port, heuristic or "decode as" on top of TLS. That is why the
//! `application` interface exists: plain `tshark -Y msrp` shows its messages. A reader of our own leaves it out. Comments carry
//! step names and frame numbers.

mod segment;

use self::segment::{Packet, Segments};
use crate::{
    harness::transcript::{Event, Route, Transcript},
    results::{Link, Protocol},
};
use pcap_file::{
    DataLink, Endianness,
    pcapng::{
        PcapNgBlock, PcapNgWriteError, PcapNgWriter,
        blocks::{
            enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption},
            interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution},
            opt_common::CommonOption,
            section_header::{SectionHeaderBlock, SectionHeaderOption},
            unknown::UnknownBlock,
        },
    },
};
use std::{borrow::Cow, io::Write, net::IpAddr, time::Duration};

/// Block type of a Decryption Secrets Block, and its type for TLS key logs. draft-ietf-opsawg-pcapng section 4.7.
const SECRETS_BLOCK: u32 = 0x0A;
const TLS_KEY_LOG: u32 = 0x544C_534B;

const APPLICATION: u32 = 3;

/// Writes the trace of `transcript`; `title` becomes the file's comment.
///
/// # Errors
/// Whatever `out` says; what was written before is then incomplete.
pub fn write<W: Write>(transcript: &Transcript, title: &str, out: W) -> Result<(), PcapNgWriteError> {
    let comment = |text: String| CommonOption::Comment(Cow::Owned(text));
    let section = SectionHeaderBlock {
        endianness: Endianness::Little,
        options: vec![
            SectionHeaderOption::UserApplication(concat!("gatecheck ", env!("CARGO_PKG_VERSION")).into()),
            SectionHeaderOption::Common(comment(title.to_owned())),
        ],
        ..SectionHeaderBlock::default()
    };
    let mut writer = PcapNgWriter::with_section_header(out, section)?;
    for link in [Link::Control, Link::Access, Link::Core] {
        let description = "TCP segments are reconstructed from the octets that crossed the sockets";
        writer.write_pcapng_block(interface(DataLink::RAW, link.word(), description))?;
    }
    let description = "messages inside TLS, as the UEs read and wrote them";
    writer.write_pcapng_block(interface(DataLink::WIRESHARK_UPPER_PDU, "application", description))?;
    let secrets = transcript.secrets();
    if !secrets.is_empty() {
        let mut body = TLS_KEY_LOG.to_le_bytes().to_vec();
        body.extend(u32::try_from(secrets.len()).unwrap_or(u32::MAX).to_le_bytes());
        body.extend(secrets.as_bytes());
        body.resize(body.len().next_multiple_of(4), 0);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        writer.write_block(&UnknownBlock::new(SECRETS_BLOCK, length, &body).into_block())?;
    }
    let began = transcript.began();
    for (packet, comments) in packets(transcript) {
        let comment = |text| EnhancedPacketOption::Common(comment(text));
        writer.write_pcapng_block(EnhancedPacketBlock {
            interface_id: packet.interface,
            timestamp: began + Duration::from_micros(packet.time_us),
            original_len: u32::try_from(packet.octets.len()).unwrap_or(u32::MAX),
            data: Cow::Owned(packet.octets),
            options: comments.into_iter().map(comment).collect(),
        })?;
    }
    Ok(())
}

fn interface(linktype: DataLink, name: &'static str, description: &'static str) -> InterfaceDescriptionBlock<'static> {
    InterfaceDescriptionBlock {
        linktype,
        snaplen: 0,
        options: vec![
            InterfaceDescriptionOption::IfName(name.into()),
            InterfaceDescriptionOption::IfDescription(description.into()),
            InterfaceDescriptionOption::IfTsResol(InterfaceTsResolution::MICRO),
        ],
    }
}

/// Packets in time order, each with its comments.
fn packets(transcript: &Transcript) -> Vec<(Packet, Vec<String>)> {
    let mut steps = transcript.steps().into_iter().peekable();
    let mut segments = Segments::default();
    let mut packets: Vec<(Packet, Vec<String>)> = Vec::new();
    let mut comments = Vec::new();
    for entry in transcript.entries() {
        while let Some(step) = steps.next_if(|step| step.after < entry.number) {
            comments.push(format!("step: {}", step.name));
        }
        let made = match &entry.event {
            Event::Datagram(octets) => segment::datagram(&entry.route, octets).into_iter().collect(),
            Event::Octets(octets) => segments.octets(&entry.route, octets, entry.length),
            Event::Tcp(event) => segments.event(&entry.route, *event),
            Event::Message { protocol, secured: true, octets } => upper_pdu(&entry.route, *protocol, octets),
            // In the segments already.
            Event::Message { secured: false, .. } => Vec::new(),
            // No packet of its own: a comment on the next one.
            Event::Tls(_) | Event::Network { .. } => Vec::new(),
        };
        if !made.is_empty() || matches!(entry.event, Event::Tls(_) | Event::Network { .. }) {
            let summary = entry.summary().map(|line| format!(": {line}")).unwrap_or_default();
            comments.push(format!("frame {}{summary}", entry.number));
        }
        for (interface, octets) in made {
            let packet = Packet { interface, time_us: entry.time_us, octets };
            packets.push((packet, std::mem::take(&mut comments)));
        }
    }
    comments.extend(steps.map(|step| format!("step: {}", step.name)));
    if let Some((_, last)) = packets.last_mut() {
        last.append(&mut comments);
    }
    packets
}

/// The number of a link's interface in the file.
const fn interface_of(link: Link) -> u32 {
    match link {
        Link::Control => 0,
        Link::Access => 1,
        Link::Core => 2,
    }
}

/// One message for Wireshark's dissector of that name. Tags as in Wireshark's "Export PDU" format.
fn upper_pdu(route: &Route, protocol: Protocol, octets: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let dissector = match protocol {
        Protocol::Msrp => "msrp",
        Protocol::Bfcp => "bfcp",
        _ => "data",
    };
    let mut pdu = Vec::new();
    let mut tag = |number: u16, value: &[u8]| {
        let padded = value.len().next_multiple_of(4);
        pdu.extend(number.to_be_bytes());
        pdu.extend(u16::try_from(padded).unwrap_or(0).to_be_bytes());
        pdu.extend(value);
        pdu.extend(std::iter::repeat_n(0, padded - value.len()));
    };
    tag(12, dissector.as_bytes());
    for (address, v4, v6) in [(route.source.ip(), 20, 22), (route.destination.ip(), 21, 23)] {
        match address {
            IpAddr::V4(address) => tag(v4, &address.octets()),
            IpAddr::V6(address) => tag(v6, &address.octets()),
        }
    }
    // Port type 2 is TCP.
    tag(24, &2_u32.to_be_bytes());
    tag(25, &u32::from(route.source.port()).to_be_bytes());
    tag(26, &u32::from(route.destination.port()).to_be_bytes());
    tag(0, &[]);
    pdu.extend(octets);
    vec![(APPLICATION, pdu)]
}

#[cfg(test)]
mod tests;
