//! The metrics of instances.

use super::selected_metrics::{self, DAYS};
use crate::collect::Job;
use crate::collect::metrics::{Query, Stat};
use crate::model::kinds::ec2::compute::{Cpu, Credits, Instance, Network};
use crate::model::kinds::metric::Metric;
use crate::model::{Part, Resource};

/// A metrics part that is read for some instances only, because the others have no values.
pub(super) struct MetricsPart<T> {
    name: &'static str,
    metrics: [(&'static str, Stat); 2],
    selected: fn(&Instance) -> bool,
    build: fn([Metric; 2]) -> T,
}

pub(super) const CPU: MetricsPart<Cpu> = MetricsPart {
    name: "cpu",
    metrics: [
        ("CPUUtilization", Stat::Average),
        ("CPUUtilization", Stat::Maximum),
    ],
    selected: runs,
    build: |[average, maximum]| Cpu { average, maximum },
};

pub(super) const NETWORK: MetricsPart<Network> = MetricsPart {
    name: "network",
    metrics: [("NetworkIn", Stat::Sum), ("NetworkOut", Stat::Sum)],
    selected: runs,
    build: |[received, sent]| Network { received, sent },
};

pub(super) const CREDITS: MetricsPart<Credits> = MetricsPart {
    name: "credits",
    metrics: [
        ("CPUCreditBalance", Stat::Minimum),
        ("CPUSurplusCreditsCharged", Stat::Sum),
    ],
    selected: |instance| runs(instance) && is_burstable(&instance.instance_type),
    build: |[balance, surplus_charged]| Credits {
        balance,
        surplus_charged,
    },
};

fn runs(instance: &Instance) -> bool {
    instance.state == "running"
}

/// Types of the T family have CPU credits; `trn1` and the like do not.
pub(super) fn is_burstable(instance_type: &str) -> bool {
    let mut chars = instance_type.chars();
    chars.next() == Some('t') && chars.next().is_some_and(|c| c.is_ascii_digit())
}

impl<T> MetricsPart<T> {
    /// An instance by its id, if it is wanted.
    pub(super) fn of(&self, resource: &Resource, own: &Instance) -> Option<String> {
        (self.selected)(own).then(|| resource.id.clone())
    }

    /// The part for each instance, in order; it is read for those with an id.
    pub(super) async fn read(&self, job: &Job, ids: &[Option<String>]) -> Vec<Part<T>> {
        let queries = |id: &str| {
            self.metrics.map(|(metric, stat)| {
                Query::hourly("AWS/EC2", metric, stat, DAYS).of("InstanceId", id)
            })
        };
        let read = selected_metrics::read(job, self.name, ids, queries).await;
        let built = read.into_iter().map(|metrics| match metrics {
            Part::Unread => Part::Unread,
            Part::Gap(gap) => Part::Gap(gap),
            Part::Read(metrics) => Part::Read((self.build)(metrics)),
        });
        built.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_t_families_are_burstable() {
        assert!(is_burstable("t2.micro"));
        assert!(is_burstable("t4g.nano"));
        assert!(!is_burstable("trn1.2xlarge"));
        assert!(!is_burstable("m5.large"));
    }
}
