using System.Text;

namespace Winnow.Hosting;

/// <summary>The flags of a Winnow executable, translated into configuration values.</summary>
/// <remarks>
/// Accepted forms: <c>--flag VALUE</c>, <c>--flag=VALUE</c>, <c>--switch</c>, and for any option <c>--Section:Option VALUE</c> or
/// <c>--Section:Option=VALUE</c>.
/// </remarks>
public sealed class CommandLine
{
    private static readonly CommandFlag[] CommonFlags =
    [
        new("--config", ConfigKey, "FILE", "settings file, read after the one beside the executable"),
        new("--ready-json", "Process:ReadyJson", null, "print one JSON line on stdout when ready"),
        new("--exit-on-stdin-close", "Process:ExitOnStdinClose", null, "stop when stdin ends; Ctrl-C is then left to the parent"),
        new("--parent-pid", "Process:ParentPid", "PID", "stop when that process is gone"),
    ];

    private const string ConfigKey = "Process:ConfigFile";

    private CommandLine(IReadOnlyDictionary<string, string?> values, bool help)
    {
        Values = values;
        Help = help;
    }

    /// <summary>Configuration values by key.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; }

    /// <summary>Whether <c>--help</c> was asked for.</summary>
    public bool Help { get; }

    /// <summary>Settings file given by <c>--config</c>, or <see langword="null"/>.</summary>
    public string? ConfigFile => Values.GetValueOrDefault(ConfigKey);

    /// <summary>Reads the arguments of a process.</summary>
    /// <param name="role">Whose flags are allowed.</param>
    /// <param name="args">Arguments as the process got them.</param>
    /// <exception cref="UsageException">An unknown flag, a missing value, or a stray word.</exception>
    public static CommandLine Parse(ProcessRole role, IReadOnlyList<string> args)
    {
        Dictionary<string, string?> values = new(StringComparer.OrdinalIgnoreCase);
        bool help = false;
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] is "--help" or "-h" or "-?")
            {
                help = true;
                continue;
            }
            (string name, string? value) = Split(args[i]);
            (string key, bool takesValue) = Resolve(role, name);
            if (value is null && takesValue)
            {
                value = ++i < args.Count ? args[i] : throw new UsageException($"Flag '{name}' has no value; write {name} VALUE.");
            }
            values[key] = value ?? "true";
        }
        return new CommandLine(values, help);
    }

    /// <summary>The help text of a role.</summary>
    public static string Usage(ProcessRole role)
    {
        StringBuilder text = new();
        text.AppendLine(role.Description).AppendLine().AppendLine("Flags:");
        foreach (CommandFlag flag in role.Flags.Concat(CommonFlags))
        {
            text.AppendLine($"  {flag.Name + (flag.ValueName is null ? "" : " " + flag.ValueName),-30} {flag.Description}");
        }
        text.AppendLine($"  {"--" + role.Section + ":OPTION VALUE",-30} any option of docs/configuration.md");
        text.AppendLine().Append($"The same options are read from {role.SettingsFile} beside the executable and from WINNOW_{role.Section}__OPTION.");
        return text.ToString();
    }

    private static (string Name, string? Value) Split(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2)
        {
            throw new UsageException($"Argument '{argument}' is not a flag; flags begin with '--', see --help.");
        }
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static (string Key, bool TakesValue) Resolve(ProcessRole role, string name)
    {
        if (role.Flags.Concat(CommonFlags).FirstOrDefault(f => f.Name == name) is { } flag)
        {
            return (flag.Key, flag.ValueName is not null);
        }
        if (name.Contains(':', StringComparison.Ordinal))
        {
            return (name[2..], true);
        }
        string allowed = string.Join(", ", role.Flags.Concat(CommonFlags).Select(f => f.Name));
        throw new UsageException($"Flag '{name}' is not known; allowed are {allowed} and --{role.Section}:OPTION; see --help.");
    }
}
