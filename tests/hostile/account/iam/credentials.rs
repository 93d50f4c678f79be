//! How users sign in: passwords, access keys, MFA devices, and the reports of them.

use super::{Iam, user_name};
use crate::account::Answer;
use crate::account::item::{Item, days_before};
use crate::account::xml::Xml;
use std::fmt::Write;

/// What a user can sign in with.
struct Credentials {
    password: bool,
    mfa: bool,
    keys: [bool; 2],
}

impl Credentials {
    fn of(user: &Item<'_>) -> Self {
        let password = !user.one_in(3, "password");
        Self {
            password,
            mfa: user.index.is_multiple_of(2),
            keys: [user.one_in(2, "key"), user.one_in(8, "second key")],
        }
    }
}

impl Iam<'_> {
    pub(super) fn device(&self, xml: &mut Xml, index: usize) {
        let (serial, user) = match index {
            0 => ("mfa/root-account-mfa-device".to_owned(), "root".to_owned()),
            n => {
                let user = user_name((n - 1) * 2);
                (format!("mfa/{user}"), format!("user/{user}"))
            }
        };
        let item = self.item("device", index);
        xml.text("SerialNumber", self.arn(&serial))
            .text("EnableDate", item.past("enable", 900));
        xml.within("User", |xml| {
            xml.text("Path", "/")
                .text("UserName", user.trim_start_matches("user/"))
                .text("UserId", "AIDA")
                .text("Arn", self.arn(&user))
                .text("CreateDate", item.past("create", 1500));
        });
    }

    pub(super) fn summary(&self) -> Answer {
        let size = &self.account.size;
        let numbers = [
            ("AccountMFAEnabled", 1),
            ("AccountAccessKeysPresent", 0),
            ("AccountPasswordPresent", 1),
            ("AccountSigningCertificatesPresent", 0),
            ("Users", size.users),
            ("Groups", size.groups),
            ("Roles", size.roles),
            ("Policies", size.policies),
            ("RolesQuota", 1000),
            ("UsersQuota", 5000),
        ];
        self.respond(|xml| {
            xml.list("SummaryMap", "entry", numbers, |xml, (key, value)| {
                xml.text("key", key).text("value", value);
            });
        })
    }

    pub(super) fn credential_report(&self) -> String {
        let now = self.account.now;
        let mut report = "user,arn,user_creation_time,password_enabled,password_last_used,\
            password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
            access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
            access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
            access_key_2_last_used_date,access_key_2_last_used_region,\
            access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,\
            cert_2_last_rotated\n"
            .to_owned();
        let _ = writeln!(
            report,
            "<root_account>,{},{},not_supported,{},not_supported,not_supported,true,false,N/A,N/A,\
             N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
            self.arn("root"),
            days_before(now, 3000),
            days_before(now, 400),
        );
        for index in 0..self.account.size.users {
            let user = self.item("user", index);
            let name = user_name(index);
            let has = Credentials::of(&user);
            let mut password = "false,N/A,N/A,N/A".to_owned();
            if has.password {
                let (last, set) = (user.past("used", 200), user.past("set", 400));
                password = format!("true,{last},{set},N/A");
            }
            let (made, last) = (user.past("key", 300), user.past("use", 90));
            let keys = has.keys.map(|active| {
                if active {
                    format!("true,{made},{last},eu-west-1,s3")
                } else {
                    "false,N/A,N/A,N/A,N/A".to_owned()
                }
            });
            let _ = writeln!(
                report,
                "{name},{},{},{password},{},{},{},false,N/A,false,N/A",
                self.arn(&format!("user/{name}")),
                user.past("create", 1500),
                has.mfa,
                keys[0],
                keys[1],
            );
        }
        report
    }
}
