"""Desktops of Amazon WorkSpaces."""

from . import client


def plant(region, nets):
    """A desktop with encrypted volumes, and one without."""
    subnets = [nets.subnets["private-a"], nets.subnets["private-b"]]
    directory = client("ds", region).create_directory(
        Name="desktops.example.com",
        Password="Desktops-of-1-sample",
        Size="Small",
        VpcSettings={"VpcId": nets.vpcs["main"], "SubnetIds": subnets},
    )["DirectoryId"]
    desktops = client("workspaces", region)
    desktops.register_workspace_directory(
        DirectoryId=directory, SubnetIds=subnets, Tenancy="SHARED", EnableSelfService=False
    )
    for user, encrypted in (("sound-desktop", True), ("careless-desktop", False)):
        desktops.create_workspaces(
            Workspaces=[
                {
                    "DirectoryId": directory,
                    "UserName": user,
                    "BundleId": "wsb-bh8rsxt14",
                    "VolumeEncryptionKey": "alias/aws/workspaces",
                    "UserVolumeEncryptionEnabled": encrypted,
                    "RootVolumeEncryptionEnabled": encrypted,
                }
            ]
        )
