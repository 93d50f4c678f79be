//! Ways from a few permissions to more of them, as tables: those that need nothing but the permissions,
//! and those that act through a user or role that is there already.
//!
//! The techniques are common knowledge since Rhino Security Labs collected the first twenty
//! (<https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/>); later ones
//! are in <https://pathfinding.cloud/>. A row is here when the permissions suffice by themselves
//! and the resources they name are not limited.

/// What an action must be allowed on for a row to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Some resource, whichever: to create something, any name will do.
    Something,
    /// Every resource there is.
    Everything,
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
    ShellScript,
}

/// One action that a way takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The action as AWS writes it.
    pub action: &'static str,
    /// What it must be allowed on.
    pub on: On,
}

/// One way to become administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The service that `iam:PassRole` hands an administrator's role to, if that is part of it.
    pub passes_role_to: Option<&'static str>,
    /// Everything else that must be allowed.
    pub steps: &'static [Step],
}

impl Way {
    /// Its name: the actions it takes.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.passes_role_to.map(|_| PASS_ROLE), self.steps)
    }
}

/// One way to act as a principal that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takeover {
    /// What must be allowed.
    pub steps: &'static [Step],
    /// Whom it makes one.
    pub through: Through,
}

/// Which principals a way of taking over can be used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Another user, with a password or key of one's own making.
    User,
    /// A role whose trust policy one can rewrite.
    Role,
    /// A role that lets one in.
    OpenRole,
    /// A role that this service runs code with.
    RoleOf(&'static str),
}

impl Takeover {
    /// Its name: the actions it takes.
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

/// The action that gives a role to a service.
pub const PASS_ROLE: &str = "iam:PassRole";

const fn alone(action: &'static [Step]) -> Way {
    Way {
        passes_role_to: None,
        steps: action,
    }
}

const fn passing(service: &'static str, steps: &'static [Step]) -> Way {
    Way {
        passes_role_to: Some(service),
        steps,
    }
}

const fn on(on: On, action: &'static str) -> Step {
    Step { action, on }
}

const fn any(action: &'static str) -> Step {
    on(On::Something, action)
}

const fn every(action: &'static str) -> Step {
    on(On::Everything, action)
}

/// IAM lets whoever may do one of these give themselves everything at once.
pub const DIRECT: &[Way] = &[
    alone(&[on(On::Group, "iam:AddUserToGroup")]),
    alone(&[on(On::Group, "iam:AttachGroupPolicy")]),
    alone(&[on(On::Role, "iam:AttachRolePolicy")]),
    alone(&[on(On::User, "iam:AttachUserPolicy")]),
    alone(&[on(On::Policy, "iam:CreatePolicyVersion")]),
    alone(&[on(On::Group, "iam:PutGroupPolicy")]),
    alone(&[on(On::Role, "iam:PutRolePolicy")]),
    alone(&[on(On::User, "iam:PutUserPolicy")]),
    alone(&[on(On::Policy, "iam:SetDefaultPolicyVersion")]),
];

/// Code of one's own, run by a service under a role that has more.
pub const INDIRECT: &[Way] = &[
    // A role handed to something new.
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

/// Ways to act as a user or role that is there: nothing is created, and no role is handed over. What
/// they are worth depends on who is there.
pub const TAKEOVERS: &[Takeover] = &[
    through(Through::User, &[on(On::OtherUser, "iam:CreateAccessKey")]),
    through(
        Through::User,
        &[on(On::OtherUser, "iam:CreateLoginProfile")],
    ),
    through(
        Through::User,
        &[on(On::OtherUser, "iam:UpdateLoginProfile")],
    ),
    through(Through::Role, &[on(On::Role, "iam:UpdateAssumeRolePolicy")]),
    through(Through::OpenRole, &[on(On::Role, "sts:AssumeRole")]),
    through(
        Through::RoleOf("tasks.apprunner.amazonaws.com"),
        &[every("apprunner:UpdateService")],
    ),
    through(
        Through::RoleOf("bedrock-agentcore.amazonaws.com"),
        &[
            every("bedrock-agentcore:StartCodeInterpreterSession"),
            every("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    through(
        Through::RoleOf("cloudformation.amazonaws.com"),
        &[every("cloudformation:UpdateStack")],
    ),
    through(
        Through::RoleOf("cloudformation.amazonaws.com"),
        &[
            every("cloudformation:CreateChangeSet"),
            every("cloudformation:ExecuteChangeSet"),
        ],
    ),
    // The commands of a build can be given with the call that starts it.
    through(
        Through::RoleOf("codebuild.amazonaws.com"),
        &[every("codebuild:StartBuild")],
    ),
    through(
        Through::RoleOf("codebuild.amazonaws.com"),
        &[every("codebuild:StartBuildBatch")],
    ),
    through(
        Through::RoleOf("ec2.amazonaws.com"),
        &[
            every("ec2:ModifyInstanceAttribute"),
            every("ec2:StopInstances"),
            every("ec2:StartInstances"),
        ],
    ),
    through(
        Through::RoleOf("ec2.amazonaws.com"),
        &[
            every("ec2:CreateLaunchTemplateVersion"),
            every("ec2:ModifyLaunchTemplate"),
        ],
    ),
    through(
        Through::RoleOf("ec2.amazonaws.com"),
        &[every("ec2-instance-connect:SendSSHPublicKey")],
    ),
    through(
        Through::RoleOf("ec2.amazonaws.com"),
        &[on(On::ShellScript, "ssm:SendCommand")],
    ),
    through(
        Through::RoleOf("ec2.amazonaws.com"),
        &[every("ssm:StartSession")],
    ),
    through(
        Through::RoleOf("glue.amazonaws.com"),
        &[every("glue:UpdateDevEndpoint")],
    ),
    through(
        Through::RoleOf("lambda.amazonaws.com"),
        &[every("lambda:UpdateFunctionCode")],
    ),
    through(
        Through::RoleOf("sagemaker.amazonaws.com"),
        &[every("sagemaker:CreatePresignedNotebookInstanceUrl")],
    ),
    through(
        Through::RoleOf("sagemaker.amazonaws.com"),
        &[
            any("sagemaker:CreateNotebookInstanceLifecycleConfig"),
            every("sagemaker:StopNotebookInstance"),
            every("sagemaker:UpdateNotebookInstance"),
            every("sagemaker:StartNotebookInstance"),
        ],
    ),
];

const fn through(through: Through, steps: &'static [Step]) -> Takeover {
    Takeover { steps, through }
}

/// Actions that deserve to name their resources: they reveal, destroy, impersonate or buy.
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
