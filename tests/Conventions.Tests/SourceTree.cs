using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Winnow.Tests.Common;

namespace Winnow.Conventions.Tests;

/// <summary>The C# files of the repository, parsed.</summary>
internal static class SourceTree
{
    /// <summary>Files below some top-level folders, build outputs left out.</summary>
    public static IEnumerable<(string Path, SyntaxNode Root)> Parse(params string[] folders)
    {
        foreach (string path in Files(folders))
        {
            yield return (Path.GetRelativePath(SharedFolder.RepositoryRoot, path), CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot());
        }
    }

    /// <summary>Paths of the C# files below some top-level folders.</summary>
    public static IEnumerable<string> Files(params string[] folders)
        => folders.Select(folder => Path.Combine(SharedFolder.RepositoryRoot, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal);
}
