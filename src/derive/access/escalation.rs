//! Privilege escalation paths, as tables: those that need nothing but the permissions, and those that
//! use an existing user or role.
//!
//! Rhino Security Labs published the first twenty
//! (<https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/>); later ones
//! are in <https://pathfinding.cloud/>. A path has a row if its permissions suffice by themselves, on
//! resources that the policy does not limit. The file is long because it holds all of these tables.

/// What an action must be allowed on for a row to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepTarget {
    /// Any one resource: something new can have any name.
    Any,
    /// Every resource.
    All,
    /// A user that the policy does not name, or the user itself.
    User,
    /// A user that the policy does not name. To act on oneself gains nothing.
    OtherUser,
    /// A group that the policy does not name, or one's own.
    Group,
    /// A role that the policy does not name, or the role itself.
    Role,
    /// A customer managed policy that the policy does not name.
    Policy,
    /// The document of Systems Manager that runs any command.
    RunShellScript,
}

/// One action of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The action as AWS writes it.
    pub action: &'static str,
    /// What it must be allowed on.
    pub on: StepTarget,
}

/// One path to administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EscalationPath {
    /// The service that an administrator's role is passed to with `iam:PassRole`, if the path needs it.
    pub passes_role_to: Option<&'static str>,
    /// The other actions that must be allowed.
    pub steps: &'static [Step],
}

impl EscalationPath {
    /// Its name: the actions it consists of.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.passes_role_to.map(|_| PASS_ROLE), self.steps)
    }
}

/// One path to act as an existing principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakeoverPath {
    /// What must be allowed.
    pub steps: &'static [Step],
    /// The principals that can be taken over.
    pub target: TakeoverTarget,
}

/// The principals that a takeover path works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeoverTarget {
    /// Another user, by a new password or access key.
    User,
    /// A role, by a new trust policy.
    Role,
    /// A role that trusts the caller.
    AssumableRole,
    /// A role with which this service runs code.
    ServiceRole(&'static str),
}

impl TakeoverPath {
    /// Its name: the actions it consists of.
    #[must_use]
    pub fn name(&self) -> String {
        name(None, self.steps)
    }
}

fn name(first: Option<&'static str>, steps: &[Step]) -> String {
    let actions = first
        .into_iter()
        .chain(steps.iter().map(|step| step.action));
    actions.collect::<Vec<&str>>().join(" + ")
}

/// The action that passes a role to a service.
pub const PASS_ROLE: &str = "iam:PassRole";

const fn alone(action: &'static [Step]) -> EscalationPath {
    EscalationPath {
        passes_role_to: None,
        steps: action,
    }
}

const fn passing(service: &'static str, steps: &'static [Step]) -> EscalationPath {
    EscalationPath {
        passes_role_to: Some(service),
        steps,
    }
}

const fn on(on: StepTarget, action: &'static str) -> Step {
    Step { action, on }
}

const fn any(action: &'static str) -> Step {
    on(StepTarget::Any, action)
}

const fn every(action: &'static str) -> Step {
    on(StepTarget::All, action)
}

/// Single actions of IAM with which the caller can give themselves all permissions.
pub const DIRECT: &[EscalationPath] = &[
    alone(&[on(StepTarget::Group, "iam:AddUserToGroup")]),
    alone(&[on(StepTarget::Group, "iam:AttachGroupPolicy")]),
    alone(&[on(StepTarget::Role, "iam:AttachRolePolicy")]),
    alone(&[on(StepTarget::User, "iam:AttachUserPolicy")]),
    alone(&[on(StepTarget::Policy, "iam:CreatePolicyVersion")]),
    alone(&[on(StepTarget::Group, "iam:PutGroupPolicy")]),
    alone(&[on(StepTarget::Role, "iam:PutRolePolicy")]),
    alone(&[on(StepTarget::User, "iam:PutUserPolicy")]),
    alone(&[on(StepTarget::Policy, "iam:SetDefaultPolicyVersion")]),
];

/// Paths that run code of the caller in a service, with a role that has more permissions.
pub const INDIRECT: &[EscalationPath] = &[
    // A role passed to a new resource.
    passing(
        "tasks.apprunner.amazonaws.com",
        &[any("apprunner:CreateService")],
    ),
    passing(
        "bedrock-agentcore.amazonaws.com",
        &[
            any("bedrock-agentcore:CreateCodeInterpreter"),
            any("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    passing(
        "cloudformation.amazonaws.com",
        &[any("cloudformation:CreateStack")],
    ),
    passing(
        "cloudformation.amazonaws.com",
        &[
            any("cloudformation:CreateStackSet"),
            any("cloudformation:CreateStackInstances"),
        ],
    ),
    passing(
        "cloudformation.amazonaws.com",
        &[every("cloudformation:UpdateStack")],
    ),
    passing(
        "cloudformation.amazonaws.com",
        &[every("cloudformation:UpdateStackSet")],
    ),
    passing(
        "codebuild.amazonaws.com",
        &[any("codebuild:CreateProject"), any("codebuild:StartBuild")],
    ),
    passing(
        "codebuild.amazonaws.com",
        &[
            any("codebuild:CreateProject"),
            any("codebuild:StartBuildBatch"),
        ],
    ),
    passing(
        "datapipeline.amazonaws.com",
        &[
            any("datapipeline:CreatePipeline"),
            any("datapipeline:PutPipelineDefinition"),
            any("datapipeline:ActivatePipeline"),
        ],
    ),
    passing(
        "ec2.amazonaws.com",
        &[
            any("autoscaling:CreateLaunchConfiguration"),
            any("autoscaling:CreateAutoScalingGroup"),
        ],
    ),
    passing(
        "ec2.amazonaws.com",
        &[every("ec2:AssociateIamInstanceProfile")],
    ),
    passing("ec2.amazonaws.com", &[any("ec2:RequestSpotInstances")]),
    passing("ec2.amazonaws.com", &[any("ec2:RunInstances")]),
    passing(
        "ecs-tasks.amazonaws.com",
        &[any("batch:RegisterJobDefinition"), any("batch:SubmitJob")],
    ),
    passing(
        "ecs-tasks.amazonaws.com",
        &[any("ecs:RegisterTaskDefinition"), any("ecs:CreateService")],
    ),
    passing(
        "ecs-tasks.amazonaws.com",
        &[any("ecs:RegisterTaskDefinition"), any("ecs:RunTask")],
    ),
    passing(
        "ecs-tasks.amazonaws.com",
        &[any("ecs:RegisterTaskDefinition"), any("ecs:StartTask")],
    ),
    passing("glue.amazonaws.com", &[any("glue:CreateDevEndpoint")]),
    passing(
        "glue.amazonaws.com",
        &[any("glue:CreateJob"), any("glue:StartJobRun")],
    ),
    passing(
        "glue.amazonaws.com",
        &[any("glue:CreateJob"), any("glue:CreateTrigger")],
    ),
    passing(
        "glue.amazonaws.com",
        &[every("glue:UpdateJob"), any("glue:StartJobRun")],
    ),
    passing(
        "glue.amazonaws.com",
        &[every("glue:UpdateJob"), any("glue:CreateTrigger")],
    ),
    passing(
        "lambda.amazonaws.com",
        &[any("lambda:CreateFunction"), any("lambda:AddPermission")],
    ),
    passing(
        "lambda.amazonaws.com",
        &[
            any("lambda:CreateFunction"),
            any("lambda:CreateEventSourceMapping"),
        ],
    ),
    passing(
        "lambda.amazonaws.com",
        &[any("lambda:CreateFunction"), any("lambda:InvokeFunction")],
    ),
    passing(
        "sagemaker.amazonaws.com",
        &[any("sagemaker:CreateNotebookInstance")],
    ),
    passing(
        "sagemaker.amazonaws.com",
        &[any("sagemaker:CreateProcessingJob")],
    ),
    passing(
        "sagemaker.amazonaws.com",
        &[any("sagemaker:CreateTrainingJob")],
    ),
    passing(
        "scheduler.amazonaws.com",
        &[any("scheduler:CreateSchedule")],
    ),
    passing("ssm.amazonaws.com", &[any("ssm:StartAutomationExecution")]),
    passing(
        "states.amazonaws.com",
        &[
            any("states:CreateStateMachine"),
            any("states:StartExecution"),
        ],
    ),
];

/// Paths that use an existing user or role: nothing is created, and no role is passed. What they gain
/// depends on the users and roles of the account.
pub const TAKEOVER_PATHS: &[TakeoverPath] = &[
    takeover(
        TakeoverTarget::User,
        &[on(StepTarget::OtherUser, "iam:CreateAccessKey")],
    ),
    takeover(
        TakeoverTarget::User,
        &[on(StepTarget::OtherUser, "iam:CreateLoginProfile")],
    ),
    takeover(
        TakeoverTarget::User,
        &[on(StepTarget::OtherUser, "iam:UpdateLoginProfile")],
    ),
    takeover(
        TakeoverTarget::Role,
        &[on(StepTarget::Role, "iam:UpdateAssumeRolePolicy")],
    ),
    takeover(
        TakeoverTarget::AssumableRole,
        &[on(StepTarget::Role, "sts:AssumeRole")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("tasks.apprunner.amazonaws.com"),
        &[every("apprunner:UpdateService")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("bedrock-agentcore.amazonaws.com"),
        &[
            every("bedrock-agentcore:StartCodeInterpreterSession"),
            every("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    takeover(
        TakeoverTarget::ServiceRole("cloudformation.amazonaws.com"),
        &[every("cloudformation:UpdateStack")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("cloudformation.amazonaws.com"),
        &[
            every("cloudformation:CreateChangeSet"),
            every("cloudformation:ExecuteChangeSet"),
        ],
    ),
    // The commands of a build can be given with the call that starts it.
    takeover(
        TakeoverTarget::ServiceRole("codebuild.amazonaws.com"),
        &[every("codebuild:StartBuild")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("codebuild.amazonaws.com"),
        &[every("codebuild:StartBuildBatch")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("ec2.amazonaws.com"),
        &[
            every("ec2:ModifyInstanceAttribute"),
            every("ec2:StopInstances"),
            every("ec2:StartInstances"),
        ],
    ),
    takeover(
        TakeoverTarget::ServiceRole("ec2.amazonaws.com"),
        &[
            every("ec2:CreateLaunchTemplateVersion"),
            every("ec2:ModifyLaunchTemplate"),
        ],
    ),
    takeover(
        TakeoverTarget::ServiceRole("ec2.amazonaws.com"),
        &[every("ec2-instance-connect:SendSSHPublicKey")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("ec2.amazonaws.com"),
        &[on(StepTarget::RunShellScript, "ssm:SendCommand")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("ec2.amazonaws.com"),
        &[every("ssm:StartSession")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("glue.amazonaws.com"),
        &[every("glue:UpdateDevEndpoint")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("lambda.amazonaws.com"),
        &[every("lambda:UpdateFunctionCode")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("sagemaker.amazonaws.com"),
        &[every("sagemaker:CreatePresignedNotebookInstanceUrl")],
    ),
    takeover(
        TakeoverTarget::ServiceRole("sagemaker.amazonaws.com"),
        &[
            any("sagemaker:CreateNotebookInstanceLifecycleConfig"),
            every("sagemaker:StopNotebookInstance"),
            every("sagemaker:UpdateNotebookInstance"),
            every("sagemaker:StartNotebookInstance"),
        ],
    ),
];

const fn takeover(target: TakeoverTarget, steps: &'static [Step]) -> TakeoverPath {
    TakeoverPath { steps, target }
}

/// Actions that should be limited to named resources: they reveal, destroy, impersonate or buy.
pub const SENSITIVE: &[&str] = &[
    "aws-marketplace:Subscribe",
    "backup:DeleteRecoveryPoint",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:StopConfigurationRecorder",
    "ec2:PurchaseReservedInstancesOffering",
    "guardduty:DeleteDetector",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:ScheduleKeyDeletion",
    "organizations:LeaveOrganization",
    "rds:DeleteDBInstance",
    "rds:PurchaseReservedDBInstancesOffering",
    "s3:DeleteBucket",
    "savingsplans:CreateSavingsPlan",
    "secretsmanager:GetSecretValue",
    "sts:AssumeRole",
];
