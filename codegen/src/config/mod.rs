//! `codegen.toml`: everything specific to one set of contracts, as data.

mod accounts;
mod credentials;
mod fields;
mod methods;
mod operations;

pub use accounts::{Account, RefusalFault, Refusals};
pub use credentials::{
    AuthenticationScope, Constructor, CredentialPart, CredentialSource, Credentials, Principal, Setter,
};
pub use fields::{FieldConfig, FieldForm, TextRule};
pub use methods::{Accessor, Classification, ClassificationKind};
pub use operations::OperationFilter;

use std::collections::BTreeMap;

use serde::Deserialize;

/// What must not be printed, where the configuration does not say it.
const SENSITIVE: [&str; 12] = [
    "*password*",
    "*pin",
    "*pincode*",
    "*secret*",
    "*ssn*",
    "session",
    "*sessionid*",
    "*session_id*",
    "*session-id*",
    "*sessionkey*",
    "*token*",
    "*apikey*",
];

/// The whole configuration. Every key is optional.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// Path of the runtime crate in generated code.
    pub runtime: String,
    /// Patterns over wire names (`*` is a wildcard, case does not count): these fields print as `[redacted]`, but for truth
    /// values and dates. In the place of the default, which knows passwords, one-time codes, secrets, sessions, tokens and
    /// national identity numbers.
    pub sensitive: Vec<String>,
    /// Rust name of an environment → base address (`https://host`).
    pub environments: BTreeMap<String, String>,
    /// Operations that cannot be generated are left out, with a warning and a line in the documentation of their port,
    /// instead of ending the run. `--allow-partial` on the command line.
    pub allow_partial: bool,
    /// Patterns over the names of schema files (`*` is a wildcard): their root elements are documents, for which types are
    /// generated. Without any, they are those of all schemas, if there is no WSDL.
    pub documents: Vec<String>,
    /// Module name → service. A `wsdl:service` named by none of them gets a module of its own name.
    pub service: BTreeMap<String, ServiceConfig>,
    /// Cargo feature of the clients that need a certificate; without it they are always compiled.
    pub certificate_feature: Option<String>,
    /// Port name, or `Service/Port` → what the program wants of it, and its security where the contract has no policy, or one
    /// that asks for what the runtime cannot do.
    pub port: BTreeMap<String, PortFacts>,
    /// Fields (`{namespace}Type/field`) that distinguish absent from nil.
    pub nillable: Vec<String>,
    /// List fields (`{namespace}Type/field`) that keep nil items.
    pub nillable_items: Vec<String>,
    /// Requests are checked against the facets of the schema (lengths, digits, bounds, patterns) before they are sent.
    /// `false` for contracts that state limits which the service itself does not hold.
    pub check_facets: bool,
    /// Types can be stored: with serde, behind the feature `serde` of a generated crate, and always in a text to include.
    pub serde: bool,
    /// Ports can be served: a trait of handlers for each, and its contract to publish, behind the feature `server` of a
    /// generated crate, and always in a text to include.
    pub server: bool,
    /// Pattern over `{namespace}Type/field` (`*` is a wildcard) → how these fields are generated.
    pub field: BTreeMap<String, FieldConfig>,
    /// Rules for texts that the service documents and its schema does not state.
    pub text_rule: Vec<TextRule>,
    /// Methods that give a member of a type where another has a certain value.
    pub accessor: Vec<Accessor>,
    /// Methods that say what a value of a type, such as the detail of a fault, is about.
    pub classification: Vec<Classification>,
    /// Roles of credentials, and the credentials of persons for whom a call is made.
    pub credentials: Credentials,
    /// Seconds without a further try after a credential was refused; a port may set its own.
    pub authentication_pause: u64,
    /// Which endpoints that pause applies to; a port may set its own.
    pub authentication_scope: AuthenticationScope,
    /// What is asked of the headers of replies; a port may set its own.
    pub replies: Option<Replies>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            runtime: "soap_runtime".to_owned(),
            sensitive: SENSITIVE.map(str::to_owned).into(),
            environments: BTreeMap::new(),
            allow_partial: false,
            documents: Vec::new(),
            service: BTreeMap::new(),
            certificate_feature: None,
            port: BTreeMap::new(),
            nillable: Vec::new(),
            nillable_items: Vec::new(),
            check_facets: true,
            serde: false,
            server: false,
            field: BTreeMap::new(),
            text_rule: Vec::new(),
            accessor: Vec::new(),
            classification: Vec::new(),
            credentials: Credentials::default(),
            authentication_pause: 300,
            authentication_scope: AuthenticationScope::default(),
            replies: None,
        }
    }
}

/// One module: the ports of one service in its variants.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ServiceConfig {
    /// Summary for the module; else the documentation of the `wsdl:service`.
    pub documentation: String,
    /// Submodule name → port.
    pub ports: BTreeMap<String, PortConfig>,
    /// `{namespace}LocalName` → Rust name, where one service has one local name twice.
    pub names: BTreeMap<String, String>,
    /// Which operations its ports have.
    pub operations: OperationFilter,
}

/// One port of a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PortConfig {
    /// `wsdl:port` name, or `Service/Port` where that name is not unique.
    pub port: String,
    /// Path (wrapper child, header part, or `parameter/child`) → role of the credential that fills it.
    pub slots: BTreeMap<String, String>,
    /// Wire operation name → other names it is looked up by.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Wire operation name → seconds to wait for the reply.
    pub reply_timeout: BTreeMap<String, u64>,
    /// Wire operation name → most bytes of binary content that the service takes in one request.
    pub binary_limit: BTreeMap<String, u64>,
    /// Patterns over `Operation/Part` (`*` is a wildcard): header parts that must be there, in requests and replies.
    /// Without one a header part may be absent, whatever the contract says.
    pub required: Vec<String>,
    /// Patterns over `Operation/Part`: exceptions from `required`.
    pub optional: Vec<String>,
    /// Patterns over wire operation names: operations whose reply, not only a fault, may say that a password was refused.
    /// A reply of theirs proves no password, so the passwords in their requests are not counted.
    pub uncounted: Vec<String>,
    /// Seconds without a further try after a credential was refused.
    pub authentication_pause: Option<u64>,
    /// Which endpoints that pause applies to.
    pub authentication_scope: Option<AuthenticationScope>,
}

/// A port, whatever service it belongs to: what is generated of it, and facts that a WSDL without policy leaves out, or in
/// place of a policy that asks for what the runtime cannot do.
///
/// ```toml
/// [port."Shop/ShopPort"]
/// security = "username-token"
/// ```
///
/// A port whose policy cannot be met is generated with a warning, and its calls end as a configuration error, not sent,
/// until `security` is stated here. What is stated is then all the protection that its messages have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PortFacts {
    /// How callers prove who they are: `none`; `http-basic`, `http-digest` or `bearer`, in an HTTP header; `username-token` or
    /// `username-digest`, a UsernameToken of WS-Security with the password or its digest; `secure-conversation`, with a
    /// certificate.
    pub security: Option<String>,
    /// Whether messages have WS-Addressing headers, and of which edition, whatever the contract says.
    pub addressing: Option<Addressing>,
    /// How the operation stands in the HTTP head: in the header `SOAPAction` with SOAP 1.1, in the content type with 1.2.
    pub soap_action: Option<SoapAction>,
    /// What is asked of the headers of replies.
    pub replies: Option<Replies>,
    /// Messages travel as MTOM.
    pub mtom: Option<bool>,
    /// Which operations it has.
    pub operations: OperationFilter,
}

/// The values of [`PortFacts::security`].
pub(crate) const SECURITY: [&str; 7] =
    ["none", "http-basic", "http-digest", "bearer", "username-token", "username-digest", "secure-conversation"];

/// The editions of WS-Addressing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Addressing {
    /// No such headers.
    #[serde(rename = "none")]
    None,
    /// 1.0, of 2005.
    #[serde(rename = "1.0")]
    V1,
    /// The submission of August 2004.
    #[serde(rename = "2004-08")]
    August2004,
}

/// How an operation stands in the HTTP head.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum SoapAction {
    /// In quotes.
    Quoted,
    /// As quotes with nothing in between.
    Empty,
    /// Not at all.
    Absent,
}

/// What is asked of the headers of replies beside what the contract says.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Replies {
    /// A Timestamp, where requests have one, and RelatesTo.
    Strict,
    /// A Security header, as clients of WCF ask for it; what a port with sessions asks for if nothing is said.
    Wcf,
    /// None of them; what other ports ask for.
    Lenient,
}

impl Config {
    /// Reads `codegen.toml`.
    ///
    /// # Errors
    /// Text with line and column of what is wrong.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The form of a field other than that of its type, by its path `{namespace}Type/field`.
    pub(crate) fn form(&self, path: &str) -> Option<FieldForm> {
        self.fields(path).find_map(|field| field.r#as)
    }

    /// The name of the member for a field, by its path.
    pub(crate) fn member_name(&self, path: &str) -> Option<&str> {
        self.fields(path).find_map(|field| field.name.as_deref())
    }

    /// Whether a field, by its path, must not be printed, if that is said of it. Where both are said, it must not.
    pub(crate) fn is_said_to_be_sensitive(&self, path: &str) -> Option<bool> {
        self.fields(path).filter_map(|field| field.sensitive).max()
    }

    fn fields(&self, path: &str) -> impl Iterator<Item = &FieldConfig> {
        self.field.iter().filter(move |(pattern, _)| matches(pattern, path)).map(|(_, field)| field)
    }

    /// The rule for a field, by its path `{namespace}Type/field`.
    pub fn text_rule(&self, path: &str) -> Option<&TextRule> {
        self.text_rules(path).next()
    }

    /// The rules for a field. More than one is an error of the configuration.
    pub(crate) fn text_rules(&self, path: &str) -> impl Iterator<Item = &TextRule> {
        self.text_rule.iter().filter(move |rule| rule.fields.iter().any(|pattern| matches(pattern, path)))
    }

    /// Whether the value of a field of this wire name must not be printed.
    pub fn is_sensitive(&self, wire_name: &str) -> bool {
        let name = wire_name.to_lowercase();
        self.sensitive.iter().any(|pattern| matches(&pattern.to_lowercase(), &name))
    }
}

/// Glob with `*` only.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test it is the assertion")]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let config = Config::default();
        for name in [
            "userSSN",
            "SystemPassword",
            "userPinCode",
            "PIN",
            "clientSecretKey",
            "session_id",
            "SessionId",
            "accessToken",
            "ApiKey",
        ] {
            assert!(config.is_sensitive(name), "{name}");
        }
        for name in ["Shipping", "userName", "pinned", "sessions", "keyed"] {
            assert!(!config.is_sensitive(name), "{name}");
        }
    }

    #[test]
    fn credentials_and_pauses() {
        let config = Config::from_toml(
            r#"
authentication-pause = 3600
authentication-scope = "host"
[credentials.roles]
system-password = "password"
[credentials.principal.EndUser]
argument = "end_user"
members = { ssn = "end-user-ssn", pin_code = "end-user-pin-code" }
new = { arguments = ["ssn"] }
[[credentials.principal.EndUser.setters]]
name = "pin_code"
arguments = ["pin_code"]
[service.shop.ports.main]
required = ["*/*"]
authentication-scope = "endpoint"
"#,
        )
        .unwrap();
        assert_eq!((config.authentication_pause, config.authentication_scope), (3600, AuthenticationScope::Host));
        let port = &config.service["shop"].ports["main"];
        assert_eq!((port.authentication_pause, port.authentication_scope), (None, Some(AuthenticationScope::Endpoint)));
        let source = |role| config.credentials.source(role);
        assert_eq!(source("user-name"), Some(CredentialSource::UserName));
        assert_eq!(source("system-password"), Some(CredentialSource::Password));
        assert_eq!(source("end-user-pin-code"), Some(CredentialSource::Principal("EndUser")));
        assert_eq!(source("end-user"), None);
        assert_eq!(config.credentials.problems(), Vec::<String>::new());
        assert_eq!(
            (Config::default().authentication_pause, AuthenticationScope::default()),
            (300, AuthenticationScope::Endpoint)
        );
    }

    #[test]
    fn accounts_and_refusals() {
        let problems = |text: &str| {
            let common = r#"
[credentials.roles]
system-user-name = "user-name"
system-password = "password"
[credentials.principal.EndUser]
argument = "end_user"
members = { ssn = "end-user-ssn" }
"#;
            Config::from_toml(&format!("{common}{text}")).unwrap().credentials.problems()
        };
        let good = r#"
[credentials]
header-account = "system"
accounts.system = { user-name = "system-user-name", password = "system-password" }
[credentials.refusals]
detail = "{urn:faults}Fault"
code = "Code"
texts = ["Text"]
faults = [{ codes = ["5"], texts = ["*password*"], accounts = ["system"] }, { codes = ["5"], texts = ["*pin*"] }]
"#;
        assert_eq!(problems(good), Vec::<String>::new());
        for (right, wrong, problem) in [
            (r#"header-account = "system""#, r#"header-account = "other""#, "there is no account `other`"),
            (
                r#"user-name = "system-user-name""#,
                r#"user-name = "other""#,
                "account `system`: there is no role `other`",
            ),
            (
                r#"password = "system-password""#,
                r#"password = "end-user-ssn""#,
                "account `system`: its user name and its password are not of the same owner",
            ),
            ("{urn:faults}Fault", "Fault", "refusals: say `detail` as {namespace}LocalName, `code` and `texts`"),
            (
                r#"{ codes = ["5"], texts = ["*pin*"]"#,
                r#"{ texts = ["*pin*"]"#,
                "refusals: number 2 of `faults` has no codes",
            ),
            (
                r#"accounts = ["system"]"#,
                r#"accounts = ["other"]"#,
                "refusals: number 1 of `faults`: there is no account `other`",
            ),
        ] {
            assert!(good.contains(right), "{right}");
            assert_eq!(problems(&good.replace(right, wrong)), [problem]);
        }
    }
}
