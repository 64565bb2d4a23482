//! How the gateway conducts its control association, as far as H.248.1 leaves that to whoever provisions it.

use super::control::AssociationId;
use std::{ops::RangeInclusive, time::Duration};

/// How the control association is conducted.
///
/// A gateway here is one virtual gateway, which one MGC controls at a time (H.248.1 11.1): with MGCs configured, requests
/// of any other host are refused with 504, and so are those of an MGC that another has succeeded. Several virtual gateways
/// are several [`Gateway`](super::Gateway)s. Without an MGC configured whoever speaks is obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociationSettings {
    /// Highest version of H.248.1 spoken, 1 to 3: the one offered at registration. H.248.1 11.3.
    pub version: u8,
    /// Lowest version spoken; what is agreed or received below it is refused with 406.
    pub lowest_version: u8,
    /// Maximum waiting delay: registration after start waits a random part of this, so that gateways restarted together do
    /// not ask together. Zero: at once. H.248.1 9.2.
    pub maximum_waiting_delay: Duration,
    /// Do contexts outlive the loss of the MGC? H.248.1 11.5. If not, they are released and the gateway restarts.
    pub keeps_contexts: bool,
    /// What a message with an authentication header gets. H.248.1 10.2.
    pub authentication: Authentication,
    /// Over which transports replies too long for a message are segmented, in version 3. Elsewhere 533.
    pub segmentation: SegmentedOver,
    /// The associations, in ranges, whose transport repeats by itself (TCP): nothing is sent twice over them. H.248.1
    /// annex D.2.
    pub reliable: Vec<RangeInclusive<AssociationId>>,
}

impl Default for AssociationSettings {
    fn default() -> Self {
        Self {
            version: 3,
            lowest_version: 1,
            maximum_waiting_delay: Duration::ZERO,
            keeps_contexts: true,
            authentication: Authentication::Ignored,
            segmentation: SegmentedOver::Reliable,
            reliable: Vec::new(),
        }
    }
}

impl AssociationSettings {
    pub(super) fn speaks(&self, version: u8) -> bool {
        (self.lowest_version..=self.version).contains(&version)
    }

    pub(super) fn is_reliable(&self, association: AssociationId) -> bool {
        self.reliable.iter().any(|range| range.contains(&association))
    }

    pub(super) fn segments_over(&self, association: AssociationId) -> bool {
        match self.segmentation {
            SegmentedOver::Nothing => false,
            SegmentedOver::Reliable => self.is_reliable(association),
            SegmentedOver::Everything => true,
        }
    }
}

/// What a message with an authentication header gets. The gateway cannot check one: it has no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// What it would get without.
    Ignored,
    /// 402: what cannot be checked is not trusted.
    Refused,
}

/// Transports over which replies are segmented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentedOver {
    /// None.
    Nothing,
    /// Those that lose nothing. TS 29.334 5.12: no segmentation over UDP.
    Reliable,
    /// All.
    Everything,
}
