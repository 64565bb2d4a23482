//! What the target can do: asked before the first scenario, and decisive for `unsupported`.

use super::{
    environment::Environment,
    suite::{Case, Suite},
    world::Stop,
};
use crate::{
    harness::{
        mgc::{Controller, Registration},
        transcript::Transcript,
    },
    results::{Absence, Audit, Audited, Interface, Limit},
    wire::h248::{
        AuditDescriptor, AuditReply, AuditToken, ContextId, ErrorCode, ParmValue, TerminationAudit, TerminationId,
        Value, package::Registry,
    },
};

/// Packages a profile makes mandatory (Iq: TS 29.334 5.14). Of the others' tables nothing is known.
pub(super) const fn mandatory(interface: Interface) -> &'static [&'static str] {
    match interface {
        Interface::Iq => &["ipnapt", "g", "root", "gm", "tman", "ipdc", "hangterm", "ds", "rtcph"],
        Interface::Ix | Interface::Mp => &[],
    }
}

const PACKAGES: &str = "AuditValue of ROOT";

impl Environment {
    /// What the target says it can do, asked once, and which cases of `suite` that switches off. Silence and refusals are no
    /// fault here: the scenarios will judge them.
    pub async fn audit(&self, suite: &Suite) -> Audit {
        let mut audit = self.capabilities().await.clone();
        for case in suite.cases() {
            let Some((what, evidence)) = self.lacking(case, &audit) else { continue };
            match audit.absences.iter_mut().find(|absence| absence.what == what) {
                Some(absence) => absence.switched_off.push(case.record.id.clone()),
                None => audit.absences.push(Absence { what, evidence, switched_off: vec![case.record.id.clone()] }),
            }
        }
        audit
    }

    /// Ends a case whose target lacks something optional that the case needs.
    pub(super) async fn switched_off(&self, case: &Case) -> Result<(), Stop> {
        if case.record.packages.is_empty() && case.needs.is_empty() {
            return Ok(());
        }
        match self.lacking(case, self.capabilities().await) {
            Some((what, evidence)) => Err(Stop::Unsupported(format!("no {what} ({evidence})"))),
            None => Ok(()),
        }
    }

    /// What a case needs and the target may lack and does, and how that is known.
    fn lacking(&self, case: &Case, audit: &Audit) -> Option<(String, String)> {
        let declared = &self.manifest().capabilities;
        let from_file = || "declared in the target file".to_owned();
        if let Some(key) = case.needs.iter().find(|key| self.declares(key) == Some(false)) {
            return Some((key.clone(), from_file()));
        }
        let listed = audit.packages.iter().any(|package| package.version.is_some());
        let lacks = |name: &&String| {
            if mandatory(self.manifest().profile.interface).contains(&name.as_str()) {
                return None;
            }
            let same = |other: &str| other.eq_ignore_ascii_case(name);
            match &declared.packages {
                Some(packages) => (!packages.iter().any(|package| same(package))).then(from_file),
                // A target that lists nothing at all says nothing about what it lacks.
                None => (listed && !audit.packages.iter().any(|p| p.version.is_some() && same(&p.name)))
                    .then(|| format!("not in the {PACKAGES}")),
            }
        };
        case.record.packages.iter().find_map(|name| lacks(&name).map(|evidence| (format!("package {name}"), evidence)))
    }

    async fn capabilities(&self) -> &Audit {
        self.audited.get_or_init(|| self.ask()).await
    }

    async fn ask(&self) -> Audit {
        let Ok(association) = self.association(false).await else { return Audit::default() };
        let controller = association.mgc().controller(Transcript::new());
        let mut audit = Audit { limits: registered(association.registration()), ..Audit::default() };
        match root(&controller, AuditToken::Packages).await {
            Ok(found) => audit.packages = packages(&found),
            Err(error) => {
                let evidence = format!("{PACKAGES}: {error}");
                let what = "list of packages".into();
                audit.absences.push(Absence { what, evidence, switched_off: Vec::new() });
            }
        }
        // Refused or empty: a gateway need not say its limits.
        if let Ok(found) = root(&controller, AuditToken::Media).await {
            audit.limits.extend(limits(&found));
        }
        if self.is_private() {
            association.stop().await;
        }
        let interface = self.manifest().profile.interface;
        let missing = mandatory(interface).iter().filter(|name| {
            !audit.packages.is_empty() && !audit.packages.iter().any(|package| package.name.eq_ignore_ascii_case(name))
        });
        let missing: Vec<_> = missing
            .map(|name| Audited {
                name: (*name).to_owned(),
                version: None,
                assumed: false,
                source: format!("mandatory on {}; not in the {PACKAGES}", interface.name()),
            })
            .collect();
        audit.packages.extend(missing);
        audit.packages.sort_by(|a, b| a.name.cmp(&b.name));
        audit
    }
}

/// Profile and version, as it registered.
fn registered(registration: &Registration) -> Vec<Limit> {
    let profile = registration
        .profile
        .as_ref()
        .map_or_else(|| "none named".to_owned(), |profile| format!("{}/{}", profile.name, profile.version));
    let version = format!("{} offered, {} agreed", registration.offered_version, registration.version);
    vec![
        Limit { name: "profile registered with".into(), value: profile },
        Limit { name: "H.248.1 version".into(), value: version },
    ]
}

async fn root(controller: &Controller, token: AuditToken) -> Result<TerminationAudit<'static>, String> {
    let asked = controller.audit(ContextId::Null, TerminationId::Root, AuditDescriptor::of([token])).await;
    match asked.map(|answered| answered.reply) {
        Ok(AuditReply::Terminations(_, audit)) => Ok(audit),
        Ok(AuditReply::ContextError(error)) => Err(format!("error {}", error.code)),
        Ok(AuditReply::Context(_)) => Err(format!("error {}", ErrorCode::AUDITED_ITEM_MISSING)),
        Err(error) => Err(error.to_string()),
    }
}

fn packages(audit: &TerminationAudit<'_>) -> Vec<Audited> {
    let registry = Registry::default();
    let listed = audit.packages().into_iter().flatten();
    listed
        .map(|item| Audited {
            name: item.name.to_string(),
            version: Some(item.version.into()),
            assumed: registry.package(&item.name).is_none_or(|package| package.assumed),
            source: PACKAGES.into(),
        })
        .collect()
}

/// The properties of ROOT: how many contexts, how many terminations in each, how long things take.
fn limits(audit: &TerminationAudit<'_>) -> Vec<Limit> {
    let state = audit.media().and_then(|media| media.termination_state.as_ref());
    let properties = state.into_iter().flat_map(|state| &state.properties);
    properties
        .filter_map(|property| {
            let value = match &property.value {
                ParmValue::Equal(value) => Value::as_str(value).to_owned(),
                _ => return None,
            };
            let unit = if property.name.item.to_ascii_lowercase().contains("time") { " ms" } else { "" };
            Some(Limit { name: property.name.to_string(), value: format!("{value}{unit}") })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_a_key_in_target_files() {
        let capabilities = crate::harness::target::Capabilities::default();
        for case in Suite::embedded().unwrap().cases() {
            for key in &case.needs {
                assert!(capabilities.named(key).is_some(), "{} needs {key}", case.record.id);
            }
        }
    }
}
