using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Winnow.Conventions.Tests;

/// <summary>Files and methods stay short enough to read.</summary>
public sealed class SizeTests
{
    private const int LongMethodLines = 60;
    private const double LongMethodShare = 0.02;
    private const int LongFileLines = 500;

    [Fact]
    public void Methods_OverSixtyLines_AreUnderTwoPercent()
    {
        var methods = SourceTree.Parse("src", "lite").SelectMany(file => file.Root.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            .Select(method => (file.Path, Name: method.ToString().Split('(')[0].Split(' ')[^1], Lines: Lines(method)))).ToList();
        var tooLong = methods.Where(method => method.Lines > LongMethodLines).ToList();

        Assert.True(tooLong.Count <= LongMethodShare * methods.Count,
            $"{tooLong.Count} of {methods.Count} methods are over {LongMethodLines} lines: {string.Join(", ", tooLong.Select(method => $"{method.Path} {method.Name} ({method.Lines})"))}");
    }

    [Fact]
    public void Files_OverFiveHundredLines_AreNone()
    {
        string[] tooLong = [.. SourceTree.Files("src", "lite", "tests").Where(path => File.ReadLines(path).Count() > LongFileLines)];

        Assert.True(tooLong.Length == 0, $"Split these files: {string.Join(", ", tooLong)}");
    }

    private static int Lines(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
