namespace Winnow.Inference.Templates.Runtime;

/// <summary>Equality and order as Python has them: numbers and booleans by value, lists and dicts by content.</summary>
internal static class Comparison
{
    /// <summary>Whether two values are equal.</summary>
    public static bool AreEqual(RenderBudget budget, object? left, object? right)
    {
        budget.StepText((left as string)?.Length ?? 0);
        if (Numbers.TryGet(left, out double leftNumber) && Numbers.TryGet(right, out double rightNumber))
        {
            return left is double || right is double ? leftNumber == rightNumber : Numbers.ToInteger(left) == Numbers.ToInteger(right);
        }
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string leftText, string rightText) => leftText == rightText,
            (JinjaList leftList, JinjaList rightList) => ReferenceEquals(left, right) || ListsEqual(budget, leftList, rightList),
            (JinjaDict leftDict, JinjaDict rightDict) => ReferenceEquals(left, right) || DictsEqual(budget, leftDict, rightDict),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Below, equal or above zero as the left value is before, equal to or after the right one.</summary>
    /// <exception cref="EvaluationException">The values have no order.</exception>
    public static int Compare(RenderBudget budget, object? left, object? right)
    {
        budget.StepText((left as string)?.Length ?? 0);
        if (Numbers.TryGet(left, out double leftNumber) && Numbers.TryGet(right, out double rightNumber))
        {
            return left is double || right is double
                ? leftNumber.CompareTo(rightNumber)
                : Numbers.ToInteger(left).CompareTo(Numbers.ToInteger(right));
        }
        return (left, right) switch
        {
            (string leftText, string rightText) => CompareText(leftText, rightText),
            (JinjaList leftList, JinjaList rightList) => CompareLists(budget, leftList, rightList),
            (Undefined undefined, _) => throw undefined.Error(),
            (_, Undefined undefined) => throw undefined.Error(),
            _ => throw new EvaluationException($"{TypeNames.Of(left)} and {TypeNames.Of(right)} cannot be ordered"),
        };
    }

    /// <summary>Whether a container has an element, a dict a key, or a text a part.</summary>
    /// <exception cref="EvaluationException">The container is none.</exception>
    public static bool Contains(RenderBudget budget, object? container, object? element) => container switch
    {
        string text => element is string part
            ? ContainsText(budget, text, part)
            : throw new EvaluationException($"'in' with a string on the right needs a string on the left, found {TypeNames.Of(element)}"),
        JinjaList list => list.Items.Any(item => AreEqual(budget, item, element)),
        JinjaDict dict => dict.TryGet(element, out _),
        Undefined => false,
        _ => throw new EvaluationException($"'in' needs a string, list or dict on the right, found {TypeNames.Of(container)}"),
    };

    private static bool ContainsText(RenderBudget budget, string text, string part)
    {
        budget.StepText(text.Length);
        return text.Contains(part, StringComparison.Ordinal);
    }

    // By code points: surrogates, which begin at D800, come after the rest of the basic plane.
    private static int CompareText(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }
        bool leftAstral = char.IsSurrogate(left[common]);
        bool rightAstral = char.IsSurrogate(right[common]);
        return leftAstral == rightAstral ? left[common].CompareTo(right[common]) : leftAstral.CompareTo(rightAstral);
    }

    private static bool ListsEqual(RenderBudget budget, JinjaList left, JinjaList right)
    {
        if (left.Items.Count != right.Items.Count || left.IsTuple != right.IsTuple)
        {
            return false;
        }
        budget.Enter();
        bool equal = true;
        for (int i = 0; i < left.Items.Count && equal; i++)
        {
            equal = AreEqual(budget, left.Items[i], right.Items[i]);
        }
        budget.Leave();
        return equal;
    }

    private static bool DictsEqual(RenderBudget budget, JinjaDict left, JinjaDict right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        budget.Enter();
        bool equal = left.Entries.All(entry => right.TryGet(entry.Key, out object? value) && AreEqual(budget, entry.Value, value));
        budget.Leave();
        return equal;
    }

    private static int CompareLists(RenderBudget budget, JinjaList left, JinjaList right)
    {
        budget.Enter();
        int order = 0;
        for (int i = 0; i < Math.Min(left.Items.Count, right.Items.Count) && order == 0; i++)
        {
            order = AreEqual(budget, left.Items[i], right.Items[i]) ? 0 : Compare(budget, left.Items[i], right.Items[i]);
        }
        budget.Leave();
        return order != 0 ? order : left.Items.Count.CompareTo(right.Items.Count);
    }
}
