using System.Text.RegularExpressions;

namespace Winnow.Conventions.Tests;

/// <summary>Rules about the sources that no compiler checks.</summary>
public sealed partial class SourceRuleTests
{
    [Fact]
    public void EventIds_InAllLogMethods_AreUnique()
    {
        var uses = SourceTree.Files("src").SelectMany(path => EventId().Matches(File.ReadAllText(path)).Select(match => (Id: match.Groups[1].Value, path)));

        string[] twice = [.. uses.GroupBy(use => use.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(use => use.path))}")];

        Assert.True(twice.Length == 0, $"Event ids are used twice: {string.Join("; ", twice)}");
    }

    [Fact]
    public void ConditionalCompilation_OutsideLite_IsNotUsed()
    {
        string[] files = [.. SourceTree.Files("src", "tests").Where(path => Directive().IsMatch(File.ReadAllText(path)))];

        Assert.True(files.Length == 0, $"'#if' chooses between builds nowhere but in lite/: {string.Join(", ", files)}");
    }

    [Fact]
    public void References_BetweenRoles_PointOneWay()
    {
        Assert.DoesNotContain("GpuWorker", Project("Gateway"), StringComparison.Ordinal);
        Assert.DoesNotContain("Silo", Project("GpuWorker"), StringComparison.Ordinal);
        Assert.DoesNotContain("ProjectReference", Project("Inference"), StringComparison.Ordinal);
        Assert.DoesNotContain("RuntimePackage", Project("Inference"), StringComparison.Ordinal);
    }

    private static string Project(string name)
        => File.ReadAllText(Path.Combine(Winnow.Tests.Common.SharedFolder.RepositoryRoot, "src", name, $"{name}.csproj"));

    [GeneratedRegex(@"EventId\s*=\s*(\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"^\s*#if\b", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
