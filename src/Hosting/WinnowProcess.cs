using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Winnow.Hosting.Tls;

namespace Winnow.Hosting;

/// <summary>
/// The start, life and end that all of Winnow's executables share: settings from file, environment and flags, one-line errors with exit
/// code 1 (2 for bad usage), the ready line, the watch over the parent, and a graceful stop.
/// </summary>
public static class WinnowProcess
{
    /// <summary>Prefix of environment variables that are options: <c>WINNOW_Worker__Threads=2</c>.</summary>
    public const string EnvironmentPrefix = "WINNOW_";

    private const string Binder = "Microsoft.Extensions.Configuration.Binder";
    private static readonly string[] Sections = ["Gateway", "Limits", "Coordinator", "Replica", "Worker", "Silo", "Models", "Process", "Tls", "Logging"];

    /// <summary>Runs a role until it is told to stop; the whole of an executable's <c>Program.cs</c>.</summary>
    /// <param name="role">Name, section and flags.</param>
    /// <param name="args">Arguments of the process.</param>
    /// <param name="add">Registers the role's services, for example <c>builder => builder.AddGpuWorker()</c>.</param>
    /// <param name="map">Maps the role's endpoints.</param>
    /// <returns>Exit code: 0 stopped on request, 1 could not start or failed, 2 bad usage.</returns>
    public static async Task<int> RunAsync(ProcessRole role, string[] args, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        try
        {
            CommandLine line = CommandLine.Parse(role, args);
            if (line.Help)
            {
                await Console.Out.WriteLineAsync(CommandLine.Usage(role));
                return 0;
            }
            WebApplicationBuilder builder = CreateBuilder(role, line);
            builder.Services.AddSingleton<IHostLifetime, ProcessLifetime>();
            builder.Services.AddHostedService<ParentWatch>();
            add(builder);
            return await RunAsync(builder.Build(), map);
        }
        catch (Exception exception) when (Describe(exception) is { } text)
        {
            await Console.Error.WriteLineAsync($"winnow {role.Name}: {text}");
            return exception is UsageException ? 2 : 1;
        }
    }

    /// <summary>A builder with the role's settings and what every role needs; tests and the command line start roles in process with it.</summary>
    /// <param name="role">Name, section and flags.</param>
    /// <param name="args">Arguments as on the command line.</param>
    /// <exception cref="StartupException">The arguments or the settings file are wrong.</exception>
    public static WebApplicationBuilder CreateBuilder(ProcessRole role, params string[] args) =>
        CreateBuilder(role, CommandLine.Parse(role, args));

    /// <summary>
    /// Binds and validates an options class at start. Unknown keys of the section are failures.
    /// </summary>
    /// <typeparam name="TOptions">Options class.</typeparam>
    /// <typeparam name="TValidator">Its validator; reports all failures at once.</typeparam>
    /// <param name="builder">Builder of the process.</param>
    /// <param name="section">Configuration section.</param>
    public static void AddValidatedOptions<TOptions, TValidator>(this IHostApplicationBuilder builder, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        builder.Services.AddOptions<TOptions>()
            .Bind(builder.Configuration.GetSection(section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
    }

    /// <summary>Listens on the role's endpoints, taken from its validated options.</summary>
    /// <param name="builder">Builder of the process.</param>
    /// <param name="endpoints">Endpoints by name; <see cref="ProcessEndpoints"/> tells where they really listen.</param>
    public static void AddEndpoints(this WebApplicationBuilder builder, Func<IServiceProvider, IEnumerable<ProcessEndpoint>> endpoints)
    {
        builder.Services.AddOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>()
            .Configure<IServiceProvider, ProcessEndpoints>((server, services, listening) =>
            {
                try
                {
                    listening.Listen(server, endpoints(services), services.GetRequiredService<TlsCredentials>());
                }
                catch (OptionsValidationException)
                {
                    // The server's options are made while the process is built. Nothing listens before the start, and the start validates all
                    // options first and reports this failure with every other.
                }
            });
    }

    private static WebApplicationBuilder CreateBuilder(ProcessRole role, CommandLine line)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, role.SettingsFile), optional: true, reloadOnChange: false);
        if (line.ConfigFile is { } file)
        {
            AddConfigFile(builder.Configuration, file);
        }
        builder.Configuration.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(line.Values);
        CheckSections(role, builder.Configuration);
        ConfigureLogging(builder.Logging);
        builder.AddValidatedOptions<ProcessOptions, ProcessOptionsValidator>(ProcessOptions.Section);
        builder.AddValidatedOptions<TlsOptions, TlsOptionsValidator>(TlsOptions.Section);
        builder.Services.AddSingleton<TlsCredentials>();
        builder.Services.AddOptions<HostOptions>().Configure(host => host.ShutdownTimeout = ShutdownTimeout(builder.Configuration));
        builder.Services.AddSingleton(role);
        builder.Services.AddSingleton<ProcessEndpoints>();
        builder.Services.AddSingleton<ProcessHealth>();
        builder.Services.AddSingleton<ReadyLine>();
        builder.Services.AddSingleton(services => new ProcessDrain(
            services.GetServices<IDrainStep>,
            services.GetRequiredService<ProcessHealth>(),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<ProcessDrain>>()));
        builder.Services.AddHostedService<BusyPortCheck>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        return builder;
    }

    /// <summary>One settings file may serve all roles, but a section that none of them has is a misspelt one.</summary>
    private static void CheckSections(ProcessRole role, ConfigurationManager configuration)
    {
        string[] unknown = [.. configuration.GetChildren()
            .Where(section => section.GetChildren().Any() && !Sections.Append(role.Section).Contains(section.Key, StringComparer.OrdinalIgnoreCase))
            .Select(section => section.Key)];
        if (unknown.Length > 0)
        {
            throw new StartupException($"Section '{unknown[0]}' of the settings is not known; sections are {string.Join(", ", Sections)}, see docs/configuration.md.");
        }
    }

    /// <summary>Read without validation, since the host wants it before options are validated; a bad value is reported with all others.</summary>
    private static TimeSpan ShutdownTimeout(ConfigurationManager configuration)
    {
        string? text = configuration[$"{ProcessOptions.Section}:{nameof(ProcessOptions.ShutdownSeconds)}"];
        int seconds = int.TryParse(text, CultureInfo.InvariantCulture, out int value) ? value : new ProcessOptions().ShutdownSeconds;
        return TimeSpan.FromSeconds(Math.Max(1, seconds));
    }

    private static void AddConfigFile(ConfigurationManager configuration, string file)
    {
        string path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            throw new StartupException($"Settings file '{path}' does not exist; check --config.");
        }
        configuration.AddJsonFile(path, optional: false, reloadOnChange: false);
    }

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        // stdout belongs to the ready line.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        // What these two log when a start fails is told in one line by RunAsync.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None);
    }

    private static async Task<int> RunAsync(WebApplication app, Action<WebApplication> map)
    {
        await using (app)
        {
            // Before anything asks for a single options class: the failures of all of them belong together.
            app.Services.GetService<IStartupValidator>()?.Validate();
            map(app);
            await app.StartAsync();
            if (app.Services.GetRequiredService<IOptions<ProcessOptions>>().Value.ReadyJson)
            {
                ProcessEndpoints endpoints = app.Services.GetRequiredService<ProcessEndpoints>();
                string http = endpoints.Url(ProcessEndpoint.Http);
                string address = endpoints.Has(ProcessEndpoint.Grpc) ? endpoints.Url(ProcessEndpoint.Grpc) : http;
                await Console.Out.WriteLineAsync(app.Services.GetRequiredService<ReadyLine>().Format(address, http));
                await Console.Out.FlushAsync();
            }
            await app.WaitForShutdownAsync();
            ProcessHealth health = app.Services.GetRequiredService<ProcessHealth>();
            return health.IsLive ? 0 : throw new StartupException($"Stopped by an error: {health.Fatal!.Message}", health.Fatal);
        }
    }

    private static string? Describe(Exception exception) => exception switch
    {
        StartupException => OneLine(exception.Message),
        OptionsValidationException invalid => OneLine(string.Join(" ", invalid.Failures)),
        AggregateException { InnerExceptions: var all } when all.All(e => e is OptionsValidationException) =>
            OneLine(string.Join(" ", all.SelectMany(e => ((OptionsValidationException)e).Failures))),
        IOException { InnerException: AddressInUseException } =>
            OneLine(exception.Message.TrimEnd('.') + "; choose another address or stop the process that uses it."),
        InvalidDataException => OneLine($"{exception.Message} {exception.GetBaseException().Message}"),
        System.Net.Sockets.SocketException or IOException or UnauthorizedAccessException => OneLine(exception.Message),
        InvalidOperationException { Source: Binder } => OneLine(DescribeBinding(exception)),
        _ => null,
    };

    private static string DescribeBinding(Exception exception)
    {
        const string Unknown = "were not found on the instance of ";
        while (exception.InnerException is { Source: Binder } inner)
        {
            exception = inner;
        }
        int at = exception.Message.IndexOf(Unknown, StringComparison.Ordinal);
        // The binder's other texts name key, value and type.
        return at < 0
            ? exception.Message
            : $"These options do not exist: {exception.Message[(at + Unknown.Length)..].TrimEnd('.')}. Check their spelling in docs/configuration.md.";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
